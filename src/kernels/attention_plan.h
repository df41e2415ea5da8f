// What each query of an attention op sees, and which queries are attended together.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "kernels/attention_kernels.h"
#include "kernels/attention_shape.h"

namespace shimmy::kernels {

// Neighbours in the batch. Many see mostly the same keys, as the queries of a prompt do; one stands
// alone.
struct QueryRun {
  std::uint32_t stream;
  std::uint32_t first;
  std::uint32_t count;
};

// Several threads may fill one plan, each its own queries; then all may read it.
class AttentionPlan {
 public:
  // `memory` has bytes(shape) bytes, aligned to 8. Keeps references.
  AttentionPlan(const AttentionShape& shape, const AttentionKernels& kernels, std::uint8_t* memory);

  static std::size_t bytes(const AttentionShape& shape);

  // Of all streams.
  std::size_t queries() const { return shape_.queries() * shape_.streams(); }

  // Reads the masks of queries [first, last).
  void look(std::size_t first, std::size_t last);

  // The runs in order, none longer than `most`, written to `runs` (queries() of them at most).
  // Requires: all queries were looked at.
  std::span<const QueryRun> runs(std::size_t most, QueryRun* runs) const;

  // A bit for each key of a query that it sees, 64 to a word.
  const std::uint64_t* sight(std::size_t query, std::size_t stream) const {
    return words_ + (stream * shape_.queries() + query) * words_of_query_;
  }
  // How many those are.
  std::size_t seen(std::size_t query, std::size_t stream) const {
    return facts_[stream * shape_.queries() + query].seen;
  }
  // False: the keys that the query sees are not weighted by its mask.
  bool has_weights(std::size_t query, std::size_t stream) const {
    return facts_[stream * shape_.queries() + query].has_weights;
  }

 private:
  struct Facts {
    std::uint32_t seen;  // keys
    bool has_weights;
    bool joins;  // sees mostly what the query before it sees
  };

  void look_at(std::size_t query, std::uint64_t* words, Facts& facts) const;
  std::size_t run_length(std::size_t first) const;

  const AttentionShape& shape_;
  const AttentionKernels& kernels_;
  std::size_t words_of_query_;
  std::uint64_t* words_;
  Facts* facts_;
};

// Writes the indices of the set bits; returns how many.
std::size_t list_bits(const std::uint64_t* words, std::size_t count, std::uint32_t* indices);

}  // namespace shimmy::kernels
