// Ids of tool calls.
#pragma once

#include <string>

namespace shimmy::chat {

// "call_" and 24 letters and digits: unique for all practical purposes. Any thread.
std::string new_call_id();

}  // namespace shimmy::chat
