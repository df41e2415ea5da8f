// Tools for models whose template has no words for them: told in the system message.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "chat/conversation.h"
#include "llama/answer_syntax.h"

namespace shimmy::chat {

// The syntax that tell_of_tools asks the model for: <tool_call>{"name": …, "arguments": {…}}
// </tool_call>.
llama::CallSyntax noted_calls();

// What the system message says of the tools. `with_syntax`: also how to call them.
std::string tool_note(std::span<const Tool> tools, bool with_syntax);

// The conversation without calls and results of its own kind: calls become part of the answer's
// text, results a user's words; neighbouring words of the user become one message.
std::vector<Message> without_tool_messages(std::span<const Message> messages);

}  // namespace shimmy::chat
