// What shimmy show tells of a model, as values.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "app/options.h"
#include "base/error.h"
#include "gguf/description.h"
#include "models/model_entry.h"
#include "pool/memory_forecast.h"

namespace shimmy::cli {

struct TensorCount {
  std::uint64_t tensors = 0;
  std::uint64_t bytes = 0;
};

// What the model would take of this machine's memory, in bytes.
struct MemoryNeed {
  std::uint64_t first = 0;  // with a context of first_context tokens
  std::size_t first_context = 0;
  std::uint64_t longest = 0;  // with one of context_limit tokens
  std::size_t context_limit = 0;
  std::uint64_t budget = 0;         // that all models together may take here
  std::size_t fitting_context = 0;  // the longest that fits; 0: none
};
MemoryNeed memory_need(const pool::MemoryForecast& forecast, std::uint64_t budget);

struct ModelCard {
  models::ModelEntry entry;
  gguf::Description description;               // of the first file
  std::map<std::string, TensorCount> tensors;  // by their type
  std::string chat_template;                   // in force: the store's, else the file's
  std::optional<MemoryNeed> memory = {};       // empty: cannot be told
};

// Reads the files' headers. Without `settings` the memory cannot be told. Fails as
// gguf::read_header does.
base::Result<ModelCard> model_card(models::ModelEntry entry, const app::ServeOptions* settings);

// Name and value of each default that the store sets; numbers as JSON has them.
std::vector<std::pair<std::string, std::string>> parameters(const models::ModelDefaults& defaults);

std::string to_text(const ModelCard& card);
std::string to_json(const ModelCard& card);

}  // namespace shimmy::cli
