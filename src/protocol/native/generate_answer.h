// What POST /api/generate and the WebSocket /ws/generate answer.
#pragma once

#include <string>
#include <string_view>

#include "base/error.h"
#include "generation/event.h"

namespace shimmy::protocol::native {

// One JSON document, whole.
std::string encode_generate_answer(std::string_view model, std::string_view text,
                                   const generation::FinishedEvent& finished);

// The server-sent events of a stream.
std::string encode_generate_chunk(std::string_view text);
std::string encode_generate_end(const generation::FinishedEvent& finished);  // with "[DONE]"
std::string encode_generate_error(const base::Error& error);

// The text frames of a WebSocket.
std::string encode_token_frame(std::string_view text);
std::string encode_done_frame(const generation::FinishedEvent& finished);
std::string encode_error_frame(const base::Error& error);

}  // namespace shimmy::protocol::native
