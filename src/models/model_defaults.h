// What a store or the user's configuration says of a model, where a request says nothing.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "generation/request.h"
#include "models/load_options.h"

namespace shimmy::models {

// Empty: the next source decides, and at last the protocol's own default.
struct ModelDefaults {
  std::string chat_template;  // Jinja, or the name of a family; in place of the file's
  std::string system;         // for conversations that bring no system message
  std::optional<float> temperature;
  std::optional<float> top_p;
  std::optional<float> min_p;
  std::optional<float> typical_p;
  std::optional<float> repeat_penalty;
  std::optional<float> frequency_penalty;
  std::optional<float> presence_penalty;
  std::optional<std::int32_t> top_k;
  std::optional<std::int32_t> penalty_last_n;
  std::optional<std::int32_t> max_tokens;
  std::optional<std::uint32_t> seed;
  std::vector<std::string> stop;  // beside those of the request
  LoadOptions load;

  friend bool operator==(const ModelDefaults&, const ModelDefaults&) = default;
};

// Sets what `defaults` say of sampling. False where they say nothing.
bool apply(const ModelDefaults& defaults, generation::Sampling& sampling);

}  // namespace shimmy::models
