// The messages of a chat request. Includes Boost.JSON: only for .cpp files of protocol/.
#pragma once

#include <vector>

#include "chat/message.h"
#include "protocol/json/fields.h"

namespace shimmy::protocol::openai {

// Reads "messages". Errors stay in `fields`.
std::vector<chat::Message> decode_messages(json::Fields& fields);

}  // namespace shimmy::protocol::openai
