// Answers in a syntax that only llama-common's own parser knows.
#pragma once

#include <memory>
#include <string>

#include "chat/answer_format.h"
#include "llama/peg_format.h"

namespace shimmy::chat {

// That parser reads the whole text each time. It is asked again when the text has grown by an
// eighth, and at the end: linear over all calls, but deltas come in bursts in a long answer.
std::shared_ptr<const AnswerFormat> whole_text_format(std::shared_ptr<const llama::PegFormat> peg,
                                                      bool reads_calls);

}  // namespace shimmy::chat
