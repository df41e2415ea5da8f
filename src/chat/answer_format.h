// Which syntax a model's answer to one prompt uses.
#pragma once

#include <memory>

#include "chat/answer_parser.h"

namespace shimmy::chat {

// Immutable: any thread may call any member.
class AnswerFormat {
 public:
  virtual ~AnswerFormat() = default;

  // For one generation.
  virtual std::unique_ptr<AnswerParser> parser() const = 0;
};

// All text is content.
std::shared_ptr<const AnswerFormat> plain_format();

}  // namespace shimmy::chat
