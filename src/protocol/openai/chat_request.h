// The body of POST /v1/chat/completions.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/error.h"
#include "chat/conversation.h"
#include "generation/request.h"
#include "protocol/request_defaults.h"

namespace shimmy::protocol::openai {

struct ChatRequest {
  std::string model;
  chat::Conversation conversation;  // at least one message; "developer" is "system" here
  generation::Request generation;   // all but the prompt and what the conversation makes of it
  std::size_t choices = 1;          // "n"
  bool stream = false;
  bool include_usage = false;      // a stream ends with a chunk that has the usage
  bool is_function_style = false;  // the tools came as "functions": calls are "function_call"
  bool returns_token_ids = false;
  std::optional<std::int64_t> keep_alive_seconds;  // -1: for as long as there is room
};

// Every wrong type or value is InvalidRequest and names the field. What would change the answer and
// is not supported is refused; all other unknown fields are ignored. `defaults`: of the model, once
// that is known.
base::Result<ChatRequest> decode_chat_request(std::string_view body,
                                              const RequestDefaults& defaults = {});

constexpr std::size_t kMaxChoices = 128;

}  // namespace shimmy::protocol::openai
