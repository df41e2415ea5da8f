// The tools of a chat request. Includes Boost.JSON: only for .cpp files of protocol/.
#pragma once

#include "chat/conversation.h"
#include "protocol/json/fields.h"

namespace shimmy::protocol::openai {

// Reads "tools", "tool_choice" and "parallel_tool_calls", or their older forms "functions" and
// "function_call", into `conversation`. True when the older forms were used: the answer has them
// too. Errors stay in `fields`.
bool decode_tools(json::Fields& fields, chat::Conversation& conversation);

constexpr std::size_t kMaxTools = 1024;

}  // namespace shimmy::protocol::openai
