// What POST /api/generate and the WebSocket /ws/generate take.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/error.h"
#include "chat/conversation.h"
#include "generation/request.h"
#include "protocol/request_defaults.h"

namespace shimmy::protocol::native {

struct GenerateRequest {
  std::string model;
  // A prompt alone is one message of the user.
  chat::Conversation conversation;
  std::string prompt;  // as it stands, for models without a chat template; empty: messages came
  bool raw = false;    // the prompt goes to the model without a template
  generation::Request generation;  // all but the prompt
  bool stream = false;
  std::optional<std::int64_t> keep_alive_seconds;  // -1: for as long as there is room
};

// Wrong types and values are InvalidRequest and name the field; unknown fields are ignored.
// `defaults`: of the model, once that is known.
base::Result<GenerateRequest> decode_generate_request(std::string_view body,
                                                      const RequestDefaults& defaults = {});

constexpr int kUsualMaxTokens = 100;

}  // namespace shimmy::protocol::native
