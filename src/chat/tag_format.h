// Answers whose thoughts and tool calls stand between tags, as most models write them.
#pragma once

#include <memory>
#include <span>

#include "chat/answer_format.h"
#include "chat/conversation.h"
#include "llama/answer_syntax.h"

namespace shimmy::chat {

enum class AnswerStart {
  Open,       // the answer begins with its first token
  Reasoning,  // the prompt has opened the thoughts already
  Content     // the thoughts are over
};

struct AnswerReading {
  AnswerStart start = AnswerStart::Open;
  bool separates_reasoning = true;
  bool calls_required = false;  // what is left of a call that was cut is no content
};

// Reads every form of calls but Harmony and Other. `tools`: without any, what looks like a call is
// content. A name that is none of theirs makes it content, too.
std::shared_ptr<const AnswerFormat> tag_format(llama::AnswerSyntax syntax,
                                               std::span<const Tool> tools, AnswerReading reading);

}  // namespace shimmy::chat
