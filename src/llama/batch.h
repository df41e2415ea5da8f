// The tokens of one forward pass.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "llama/token.h"

namespace shimmy::llama {

// Rows of tokens, at most `capacity` of them; no allocation after construction. Rows of one
// sequence are in order of position, without gaps, and go on where the sequence's memory ends.
class Batch {
 public:
  explicit Batch(std::size_t capacity);

  void clear();

  // False, and nothing added, when the batch is full.
  bool add(Token token, Position position, SequenceId sequence, bool wants_logits);

  std::size_t size() const { return tokens_.size(); }
  std::size_t capacity() const { return capacity_; }
  std::size_t outputs() const { return outputs_; }  // rows that want logits
  bool wants_logits(std::size_t row) const { return wants_logits_[row] != 0; }

  std::span<const Token> tokens() const { return tokens_; }
  std::span<const Position> positions() const { return positions_; }
  std::span<const SequenceId> sequences() const { return sequences_; }
  std::span<const std::int8_t> logit_flags() const { return wants_logits_; }

 private:
  std::size_t capacity_;
  std::size_t outputs_ = 0;
  std::vector<Token> tokens_;
  std::vector<Position> positions_;
  std::vector<SequenceId> sequences_;
  std::vector<std::int8_t> wants_logits_;
};

}  // namespace shimmy::llama
