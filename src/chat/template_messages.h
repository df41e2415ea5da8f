// A conversation in the form that templates take, rendered.
#pragma once

#include <vector>

#include "base/error.h"
#include "chat/chat_template.h"

namespace shimmy::llama {
class ChatTemplate;
}

namespace shimmy::chat {

// Several system messages at the start become one; where the template refuses a later one, it moves
// to the start too. A tool's result gets the name of the tool that it came from. The last message
// is left out if the conversation continues it. Fails as ChatTemplate::prepare.
base::Result<std::vector<PromptPart>> render(const llama::ChatTemplate& jinja,
                                             const Conversation& conversation);

}  // namespace shimmy::chat
