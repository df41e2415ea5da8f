// What a chat request says of its conversation. Includes Boost.JSON: only for .cpp files of
// protocol/.
#pragma once

#include "chat/conversation.h"
#include "protocol/json/fields.h"

namespace shimmy::protocol::openai {

// Reads messages, tools, the form of the output and what the template is told. True when the tools
// came in the older form (see decode_tools). Errors stay in `fields`.
bool decode_conversation(json::Fields& fields, chat::Conversation& conversation);

}  // namespace shimmy::protocol::openai
