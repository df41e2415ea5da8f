// Finds out from a chat template how its model writes answers.
#pragma once

#include "llama/answer_syntax.h"
#include "llama/chat_template.h"

namespace shimmy::llama {

// Renders the template dozens of times: takes 1 to 130 ms. A template whose calls nothing could be
// learned about has CallSyntax::Form::None.
AnswerSyntax analyze(const ChatTemplate& chat_template);

}  // namespace shimmy::llama
