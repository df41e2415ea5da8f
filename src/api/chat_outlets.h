// The two ways in which a chat completion reaches its client.
#pragma once

#include <cstddef>
#include <memory>

#include "api/delivery.h"
#include "chat/answer_format.h"
#include "protocol/openai/chat_answer.h"

namespace shimmy::api {

// Server-sent events as the text comes. The headers and the first chunks go out at once. An error
// becomes an event of its own and ends the stream without "[DONE]".
std::unique_ptr<Outlet> chat_stream(const protocol::openai::ChatHead& head,
                                    const chat::AnswerFormat& format, std::size_t choices);

// One JSON document at the end. An error keeps its own HTTP status.
std::unique_ptr<Outlet> chat_answer(protocol::openai::ChatHead head,
                                    const chat::AnswerFormat& format, std::size_t choices);

}  // namespace shimmy::api
