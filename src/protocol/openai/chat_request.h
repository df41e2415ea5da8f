// The body of POST /v1/chat/completions.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "chat/message.h"
#include "generation/request.h"

namespace shimmy::protocol::openai {

struct ChatRequest {
  std::string model;
  std::vector<chat::Message> messages;  // at least one; "developer" is "system" here
  generation::Request generation;       // all but the prompt
  bool stream = false;
  bool include_usage = false;  // a stream ends with a chunk that has the usage
};

// Every wrong type or value is InvalidRequest and names the field. What would change the answer and
// is not supported is refused; all other unknown fields are ignored.
base::Result<ChatRequest> decode_chat_request(std::string_view body);

}  // namespace shimmy::protocol::openai
