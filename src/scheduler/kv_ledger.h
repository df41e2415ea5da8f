// Who owns which part of the unified KV cache: sequence ids and cells. No API of libllama reports
// free cells.
#pragma once

#include <cstddef>
#include <optional>
#include <vector>

#include "scheduler/decoder.h"

namespace shimmy::scheduler {

// Counts; touches no memory itself. A cell holds one token of one owner; cells with several owners
// come with prefix sharing. One thread.
class KvLedger {
 public:
  KvLedger(std::size_t max_sequences, std::size_t cells);

  // A free sequence id that owns `cells` from now on; empty when ids or cells do not suffice.
  std::optional<SequenceId> acquire(std::size_t cells);

  // Raises what `sequence` owns to `cells`. False, and nothing changes, when they do not suffice.
  bool grow(SequenceId sequence, std::size_t cells);

  // The cache has `cells` from now on. Requires: at least used().
  void resize(std::size_t cells) { capacity_ = cells; }

  // Gives the id and its cells back.
  void release(SequenceId sequence);

  std::size_t owned(SequenceId sequence) const {
    return owned_[static_cast<std::size_t>(sequence)];
  }
  std::size_t capacity() const { return capacity_; }
  std::size_t used() const { return used_; }
  std::size_t available() const { return capacity_ - used_; }

 private:
  std::size_t capacity_;
  std::size_t used_ = 0;
  std::vector<std::size_t> owned_;    // by id; cells
  std::vector<SequenceId> free_ids_;  // the lowest is at the back
};

}  // namespace shimmy::scheduler
