// Answers in channels, as gpt-oss writes them: "<|channel|>analysis<|message|>…<|end|>".
#pragma once

#include <memory>
#include <span>

#include "chat/answer_format.h"
#include "chat/conversation.h"
#include "chat/tag_format.h"

namespace shimmy::chat {

// Thoughts: the channel "analysis"; calls: messages to "functions.<tool>"; all else is content, but
// messages to anybody else are dropped. Text without any header is content.
std::shared_ptr<const AnswerFormat> harmony_format(std::span<const Tool> tools,
                                                   AnswerReading reading);

}  // namespace shimmy::chat
