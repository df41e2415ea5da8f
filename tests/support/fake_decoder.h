// A Decoder without a model: keeps tokens in place of a KV cache and lets a rule choose what comes
// next.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <span>
#include <string>
#include <vector>

#include "scheduler/decoder.h"

namespace shimmy::support {

// Checks what libllama asserts or gets silently wrong: positions without gaps, rows within the
// limits, logits only where they were wanted, restoring only into an empty sequence, growing only
// within the limits. A broken rule throws std::logic_error. Memory has a byte for each cell.
class FakeDecoder final : public scheduler::Decoder {
 public:
  using Tokens = std::vector<scheduler::Token>;
  using NextToken = std::function<scheduler::Token(const Tokens& history)>;

  // `next`: the token that the model "predicts" after a history.
  FakeDecoder(Limits limits, NextToken next)
      : affordable_cells(limits.cells),
        limits_(limits),
        first_cells_(limits.cells),
        cells_(limits.cells),
        next_(std::move(next)) {}

  // The cache begins with so many cells. Before others use it.
  void begin_with(std::size_t cells) { first_cells_ = cells_ = cells; }

  // Makes the following decode() calls end with these statuses, in order, before they do anything.
  void fail_next(std::vector<scheduler::DecodeStatus> statuses) {
    planned_.assign(statuses.begin(), statuses.end());
  }

  // Called at the start of each decode(), with the rows. May block or throw.
  std::function<void(std::span<const scheduler::Row>)> on_decode;
  bool can_truncate = true;  // false: as recurrent models, only a whole sequence can be forgotten
  bool can_save = true;
  bool can_restore = true;

  std::size_t affordable_cells;  // growth beyond is refused

  const Limits& limits() const override { return limits_; }
  std::size_t cells() const override { return cells_; }
  std::size_t attainable_cells() const override {
    return std::min(affordable_cells, limits_.cells);
  }
  bool grow(std::size_t cells) override;
  void shrink() override;
  generation::EngineMemory memory() const override { return {1000, cells_, 10}; }
  scheduler::DecodeStatus decode(std::span<const scheduler::Row> rows,
                                 const std::function<bool()>& should_abort) override;
  std::span<const float> logits(std::size_t index) override;
  bool truncate(scheduler::SequenceId sequence, std::int32_t position) override;
  base::Result<std::vector<std::uint8_t>> save(scheduler::SequenceId sequence) override;
  base::Result<void> restore(scheduler::SequenceId sequence,
                             std::span<const std::uint8_t> state) override;

  // What tests look at.
  std::size_t cells_used() const;
  const Tokens& held(scheduler::SequenceId sequence) { return cache_[sequence]; }
  std::vector<std::size_t> growths;  // what was asked for, refused or not
  std::size_t saves = 0;
  std::size_t restores = 0;
  std::vector<std::vector<scheduler::Row>> batches;  // of every decode() that was Done

 private:
  const Limits limits_;
  std::size_t first_cells_;
  std::size_t cells_;
  const NextToken next_;
  std::deque<scheduler::DecodeStatus> planned_;
  std::map<scheduler::SequenceId, Tokens> cache_;
  std::map<std::size_t, std::vector<float>> logits_;
};

// Deterministic "text" that depends on every token before it: what a request must get whoever its
// neighbours are.
scheduler::Token scrambled_next(const FakeDecoder::Tokens& history);

}  // namespace shimmy::support
