// From the events of one generation to the pieces of one choice.
#pragma once

#include <cstddef>
#include <memory>
#include <vector>

#include "chat/answer_format.h"
#include "generation/event.h"
#include "protocol/openai/chat_answer.h"

namespace shimmy::api {

// Thoughts and calls are taken out of the text; tokens stay with the content that they made. One
// thread.
class ChoiceReader {
 public:
  explicit ChoiceReader(const chat::AnswerFormat& format) : parser_(format.parser()) {}

  protocol::openai::ChatPiece read(const generation::TextEvent& text);

  // No more text will come: what was held back.
  protocol::openai::ChatPiece finish();

  bool has_tool_calls() const { return parser_->has_tool_calls(); }
  std::size_t reasoning_tokens() const { return reasoning_tokens_; }

 private:
  protocol::openai::ChatPiece take(chat::AnswerDelta delta);

  std::unique_ptr<chat::AnswerParser> parser_;
  std::vector<generation::GeneratedToken> waiting_;  // for the content that shows them
  std::size_t reasoning_tokens_ = 0;
};

}  // namespace shimmy::api
