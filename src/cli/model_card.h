// What shimmy show tells of a model, as values.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "base/error.h"
#include "gguf/description.h"
#include "models/model_entry.h"

namespace shimmy::cli {

struct TensorCount {
  std::uint64_t tensors = 0;
  std::uint64_t bytes = 0;
};

struct ModelCard {
  models::ModelEntry entry;
  gguf::Description description;               // of the first file
  std::map<std::string, TensorCount> tensors;  // of the first file, by their type
  std::string chat_template;                   // in force: the store's, else the file's
};

// Reads the file's header. Fails as gguf::read_header does.
base::Result<ModelCard> model_card(models::ModelEntry entry);

std::vector<std::string> words(const models::Capabilities& capabilities);  // "chat", "tools", …

std::string to_text(const ModelCard& card);
std::string to_json(const ModelCard& card);

}  // namespace shimmy::cli
