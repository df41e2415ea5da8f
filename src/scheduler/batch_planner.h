// Which tokens of which sequences go into the next step. Pure.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

namespace shimmy::scheduler {

// What the planner needs to know of a sequence.
struct PlannedSequence {
  std::size_t pending = 0;  // tokens that are not in the KV cache yet; at least 1
  bool decoding = false;    // the one pending token was generated: a stream waits for its next
  bool blocked = false;     // its reader is slow: leave it out
};

struct PlanShare {
  std::size_t sequence = 0;  // index into the input
  std::size_t tokens = 0;    // the first so many of its pending tokens
};

struct PlanLimits {
  std::size_t max_rows = 0;      // of the whole step
  std::size_t prompt_rows = 0;   // of these, for prompts
  std::size_t first_prompt = 0;  // index from which prompts take turns; see next_prompt
};

struct Plan {
  std::vector<PlanShare> shares;  // decoding sequences first
  std::size_t decode_rows = 0;
  std::size_t prompt_rows = 0;
  std::size_t next_prompt = 0;  // first_prompt of the next plan: where the rows ran out
};

// Every decoding sequence gets its one row. What is left up to prompt_rows goes to prompts in turn:
// even shares of at least kMinChunk rows, so that a short prompt does not wait for a long one and
// no chunk is too small to pay.
Plan plan_batch(std::span<const PlannedSequence> sequences, const PlanLimits& limits);

constexpr std::size_t kMinChunk = 32;

}  // namespace shimmy::scheduler
