// Errors as the OpenAI API words them.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "base/error.h"
#include "protocol/error_reply.h"

namespace shimmy::protocol::openai {

ErrorReply encode_error(const base::Error& error);

// For what the HTTP layer found wrong: an unknown path, a wrong method, a body too large. `code`
// where it has a better one than goes with the status.
ErrorReply encode_http_error(int status, std::string_view message, std::string_view code = {});

// One event of a stream that has begun. No "[DONE]" may follow it.
std::string encode_stream_error(const base::Error& error);

// Clients look for this wording to shorten a conversation by themselves. `field` is what was too
// long: "messages", "prompt" or "input".
base::Error context_overflow(std::size_t context_tokens, std::size_t prompt_tokens,
                             std::string_view field = "messages");

}  // namespace shimmy::protocol::openai
