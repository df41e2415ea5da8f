#include "api/choice_reader.h"

#include <utility>

namespace shimmy::api {

using protocol::openai::ChatPiece;

ChatPiece ChoiceReader::read(const generation::TextEvent& text) {
  waiting_.insert(waiting_.end(), text.tokens.begin(), text.tokens.end());
  ChatPiece piece = take(parser_->push(text.text));
  for (const generation::GeneratedToken& token : text.tokens)
    piece.token_ids.push_back(token.token);
  return piece;
}

ChatPiece ChoiceReader::finish() { return take(parser_->finish()); }

// Tokens that made no content so far belong to the thoughts or calls that appear now, or wait.
ChatPiece ChoiceReader::take(chat::AnswerDelta delta) {
  ChatPiece piece;
  if (!delta.content.empty()) {
    piece.content_tokens = std::exchange(waiting_, {});
  } else if (!delta.reasoning.empty()) {
    reasoning_tokens_ += std::exchange(waiting_, {}).size();
  } else if (!delta.tool_calls.empty()) {
    waiting_.clear();
  }
  piece.delta = std::move(delta);
  return piece;
}

}  // namespace shimmy::api
