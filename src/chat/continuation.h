// Where in an answer the prompt ends.
#pragma once

#include <vector>

#include "chat/chat_template.h"
#include "chat/tag_format.h"
#include "llama/answer_syntax.h"

namespace shimmy::chat {

// What the template has opened or closed already at the prompt's end.
AnswerStart answer_start(const std::vector<PromptPart>& parts, const llama::AnswerSyntax& syntax,
                         const Conversation& conversation);

// Appends the beginning of the answer to a prompt that ends at `start`; where its continuation
// starts.
AnswerStart continue_answer(std::vector<PromptPart>& parts, const Message& beginning,
                            const llama::AnswerSyntax& syntax, AnswerStart start);

}  // namespace shimmy::chat
