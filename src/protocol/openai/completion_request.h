// The body of POST /v1/completions.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/error.h"
#include "generation/request.h"
#include "protocol/request_defaults.h"

namespace shimmy::protocol::openai {

// Text to be tokenized, or tokens taken as they are.
using TextOrTokens = std::variant<std::string, std::vector<generation::Token>>;

struct CompletionRequest {
  std::string model;
  std::vector<TextOrTokens> prompts;  // at least one
  std::optional<std::string> suffix;  // what comes after the completion; never empty
  generation::Request generation;     // all but the prompt; max_tokens may be 0 with echo
  std::size_t choices = 1;            // "n", of each prompt
  std::size_t best_of = 1;            // generated for each prompt; the best n are answered
  bool echo = false;                  // the prompt is part of the text
  bool stream = false;
  bool include_usage = false;
  std::optional<std::int64_t> keep_alive_seconds;  // -1: for as long as there is room
};

// Every wrong type or value is InvalidRequest and names the field.
// `defaults`: of the model, once that is known.
base::Result<CompletionRequest> decode_completion_request(std::string_view body,
                                                          const RequestDefaults& defaults = {});

constexpr std::size_t kMaxPrompts = 2048;

}  // namespace shimmy::protocol::openai
