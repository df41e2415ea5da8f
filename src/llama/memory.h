// What a context remembers of its sequences, and what that kind of memory can do.
#pragma once

#include <cstdint>

#include "llama/handles.h"
#include "llama/model.h"
#include "llama/token.h"

namespace shimmy::llama {

enum class MemoryKind {
  Attention,      // a cell for each token, kept until removed
  SlidingWindow,  // as Attention, but some layers keep only a window of the newest tokens
  Recurrent,      // one state for each sequence, in place of cells
  Hybrid,         // both: a recurrent state and attention cells
  None,           // nothing (encoders): a decode() sees its own batch only
};

// What the verbs of Memory can be asked for. Removing or copying a whole sequence always works.
struct MemoryLimits {
  MemoryKind kind = MemoryKind::Attention;

  // remove() may take the end of a sequence. Where false, only the whole of it.
  bool partial_remove = true;

  // copy() may take [0, p) of a sequence, at any time. Where false, only its present state can be
  // copied: fork exactly when the sequence stands at the fork.
  bool range_copy = true;

  // shift() works. Never shift cells that two sequences share: it moves them for both.
  bool shift = true;

  // Tokens that a sliding-window layer sees; 0: no such layer. Where it is not 0, a prefix [0, p)
  // copied late may lack cells that the window needs, without an error: ask is_complete().
  std::int32_t window_tokens = 0;

  // The window layers have as many cells as the others. Where false, they have room for
  // max_sequences windows only, so CacheFull does not mean that the context is full, and cells with
  // two owners that left the window are not freed until both owners go.
  bool full_window = true;

  // Ids that can be used: 0 to sequence_ids - 1. Those from max_sequences on hold cells (retained
  // prefixes) but cannot be saved or restored.
  std::int32_t sequence_ids = kMaxSequences;
};

// The limits of a memory made for a model of these facts.
MemoryLimits memory_limits(const ModelFacts& facts, std::int32_t max_sequences, bool unified,
                           bool full_window);

// A view of a Context's memory; used on the Context's thread while that lives. Sequences and
// positions out of range are empty sets: the verbs then do nothing and say false or -1.
class Memory {
 public:
  Memory(llama_memory_i* memory, const MemoryLimits& limits);

  const MemoryLimits& limits() const { return limits_; }

  // Forgets positions [from, to) of a sequence; to = -1: all that follow. False when this kind of
  // memory cannot: then the sequence is as it was.
  bool remove(SequenceId sequence, Position from = 0, Position to = -1);

  // Lets `target` share positions [0, to) of `source`; no data moves in a unified cache. False
  // where the limits do not allow it. Requires: `target` is empty.
  bool copy(SequenceId source, SequenceId target, Position to = -1);

  // Forgets every other sequence.
  void keep(SequenceId sequence);

  // Adds `delta` to the positions [from, to) of a sequence. False where the limits do not allow it
  // or a position would fall below 0.
  bool shift(SequenceId sequence, Position from, Position to, Position delta);

  // Forgets everything.
  void clear();

  // First and last position held; -1 when the sequence is empty. The first is above 0 where a
  // window has moved on.
  Position first_position(SequenceId sequence) const;
  Position last_position(SequenceId sequence) const;

  // True when the sequence holds all that a token at position `next` needs to see: it ends just
  // before, and no window cell is missing.
  bool is_complete(SequenceId sequence, Position next) const;

 private:
  bool is_valid(SequenceId sequence) const;

  llama_memory_i* memory_;  // null: MemoryKind::None
  MemoryLimits limits_;
};

}  // namespace shimmy::llama
