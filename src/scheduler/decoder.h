// The seam between scheduling and the model: one forward pass over rows of several sequences.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <vector>

#include "base/error.h"
#include "generation/engine.h"
#include "generation/request.h"

namespace shimmy::scheduler {

using SequenceId = std::int32_t;  // 0 to max_sequences - 1
using generation::Token;

// One token of a batch. Rows of one sequence are in order of position, and positions have no gaps.
struct Row {
  Token token = 0;
  std::int32_t position = 0;
  SequenceId sequence = 0;
  bool wants_logits = false;
};

enum class DecodeStatus {
  Done,
  CacheFull,  // no room in the KV cache; it is as it was before the call
  Aborted,    // should_abort said so; some rows may be in the cache, no logits are readable:
              // truncate() each sequence
  Failed,     // as Aborted, without a known reason
};

// Owned and used by one thread.
class Decoder {
 public:
  struct Limits {
    std::size_t max_sequences = 1;
    // What the unified KV cache may grow to: a cell holds one token, of whichever sequence.
    std::size_t cells = 0;
    std::size_t max_rows = 1;    // rows of one decode(), all in one micro-batch
    std::size_t vocabulary = 0;  // floats per row of logits
  };

  virtual ~Decoder() = default;

  virtual const Limits& limits() const = 0;  // constant, and any thread may ask

  // Cells of the cache as it is now.
  virtual std::size_t cells() const = 0;

  // What grow() could reach if nothing were in the cache, as memory stands. Any thread.
  virtual std::size_t attainable_cells() const = 0;

  // Gives the cache `cells` or more; sequences keep their ids and their states, logits are lost.
  // Blocks while memory is made ready. False when there is none: everything is as it was.
  // Requires: at most limits().cells.
  virtual bool grow(std::size_t cells) = 0;

  // Back to the cells that it began with. Requires: every sequence is empty.
  virtual void shrink() = 0;

  virtual generation::EngineMemory memory() const = 0;

  // Blocks for one forward pass. `should_abort` is asked often and cheaply while it runs; empty:
  // never. Requires: 1 to max_rows rows.
  virtual DecodeStatus decode(std::span<const Row> rows,
                              const std::function<bool()>& should_abort) = 0;

  // The logits of row `index` of the last decode() that was Done. Valid until the next decode().
  // Requires: that row wanted them.
  virtual std::span<const float> logits(std::size_t index) = 0;

  // Forgets the positions from `position` on. False if this kind of memory cannot forget a part:
  // then the sequence is as it was, and only truncate(sequence, 0) helps.
  virtual bool truncate(SequenceId sequence, std::int32_t position) = 0;

  // The whole state of a sequence as bytes, and back into an empty one. Fails with
  // GenerationFailed.
  virtual base::Result<std::vector<std::uint8_t>> save(SequenceId sequence) = 0;
  virtual base::Result<void> restore(SequenceId sequence, std::span<const std::uint8_t> state) = 0;
};

}  // namespace shimmy::scheduler
