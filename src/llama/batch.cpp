#include "llama/batch.h"

namespace shimmy::llama {

Batch::Batch(std::size_t capacity) : capacity_(capacity) {
  tokens_.reserve(capacity);
  positions_.reserve(capacity);
  sequences_.reserve(capacity);
  wants_logits_.reserve(capacity);
}

void Batch::clear() {
  outputs_ = 0;
  tokens_.clear();
  positions_.clear();
  sequences_.clear();
  wants_logits_.clear();
}

bool Batch::add(Token token, Position position, SequenceId sequence, bool wants_logits) {
  if (size() == capacity_) return false;
  tokens_.push_back(token);
  positions_.push_back(position);
  sequences_.push_back(sequence);
  wants_logits_.push_back(wants_logits ? 1 : 0);
  if (wants_logits) ++outputs_;
  return true;
}

}  // namespace shimmy::llama
