// Continuous batching: many requests, one forward pass a step.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <stop_token>
#include <vector>

#include "base/clock.h"
#include "base/error.h"
#include "base/log.h"
#include "generation/engine.h"
#include "generation/tokenizer.h"
#include "scheduler/batch_planner.h"
#include "scheduler/compute_turns.h"
#include "scheduler/decoder.h"
#include "scheduler/residents.h"
#include "scheduler/sequence.h"
#include "scheduler/step_cost.h"

namespace shimmy::scheduler {

// The state machine without its thread: everything runs on the thread that calls it, so tests step
// it by hand.
class BatchScheduler {
 public:
  // The references must outlive it. `target_step_ms`: length of a step while streams wait for
  // tokens, here or at others who take turns.
  BatchScheduler(Decoder& decoder, const generation::Tokenizer& tokenizer, const base::Clock& clock,
                 ComputeTurns& turns, double target_step_ms, const base::Logger& log);

  // Takes over a request that the engine has accepted.
  void add(Submission submission);

  // One round of admit, plan, decode, publish, retire. False when there was nothing to decode. A
  // request for `stop` ends the wait for a turn and breaks the forward pass off: nobody is failed
  // by that, but nobody gets further either.
  bool step(const std::stop_token& stop = {});

  // Ends everything with `error`.
  void fail_all(const base::Error& error) { residents_.fail_all(error); }

  // The next moment at which a step has something to do even if nothing else happens.
  std::optional<base::Clock::time_point> next_deadline() const {
    return residents_.next_deadline();
  }

  // Gives back what the cache has grown by, where nothing uses it. False: there was nothing to do.
  bool shrink();

  bool is_idle() const { return residents_.is_empty(); }
  generation::EngineLoad load() const;

 private:
  Plan plan() const;
  void limit_scoring(std::span<PlannedSequence> sequences) const;
  DecodeStatus decode(const Plan& plan, const std::stop_token& stop);
  void build_rows(const Plan& plan);
  void publish(const Plan& plan);
  void note_time(const Plan& plan, double step_ms);
  void recover(DecodeStatus status, const Plan& plan);
  Sequence& sequence_of(const PlanShare& share) const {
    return *residents_.running()[share.sequence];
  }

  Decoder& decoder_;
  const generation::Tokenizer& tokenizer_;
  const base::Clock& clock_;
  ComputeTurns& turns_;
  const base::Logger log_;
  std::optional<ComputeTurns::Work> work_;  // while there is any
  Residents residents_;
  StepCost cost_;
  std::vector<Row> rows_;  // of the step at hand
  std::size_t next_prompt_ = 0;
  std::uint64_t steps_ = 0;
  std::uint64_t generated_tokens_ = 0;
  std::uint64_t prefilled_tokens_ = 0;
  std::uint64_t decoded_tokens_ = 0;
  double prefill_seconds_ = 0;
  double decode_seconds_ = 0;
};

}  // namespace shimmy::scheduler
