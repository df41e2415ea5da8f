#include "scheduler/batch_scheduler.h"

#include <algorithm>
#include <exception>
#include <memory>
#include <string>
#include <utility>

namespace shimmy::scheduler {

using base::ErrorCode;

BatchScheduler::BatchScheduler(Decoder& decoder, const generation::Tokenizer& tokenizer,
                               const base::Clock& clock, ComputeTurns& turns, double target_step_ms,
                               const base::Logger& log)
    : decoder_(decoder),
      tokenizer_(tokenizer),
      clock_(clock),
      turns_(turns),
      log_(log),
      residents_(decoder, clock, log),
      cost_(target_step_ms) {}

void BatchScheduler::add(Submission submission) {
  residents_.add(std::make_unique<Sequence>(std::move(submission)));
}

bool BatchScheduler::step(const std::stop_token& stop) {
  residents_.retire();
  residents_.make_room();
  residents_.admit();
  const Plan plan = this->plan();
  if (plan.shares.empty()) {
    work_.reset();
    return false;
  }
  if (!work_) work_.emplace(turns_);
  auto turn = turns_.take(stop);
  if (!turn) return true;
  const auto begin = clock_.now();
  const DecodeStatus status = decode(plan, stop);
  turn.reset();  // while tokens are chosen, others compute
  if (status == DecodeStatus::Done) {
    publish(plan);
    note_time(plan, base::milliseconds(clock_.now() - begin));
  } else {
    recover(status, plan);
  }
  residents_.retire();
  return true;
}

void BatchScheduler::note_time(const Plan& plan, double step_ms) {
  cost_.observe(step_ms, plan.decode_rows, plan.prompt_rows);
  if (plan.prompt_rows > 0) {
    prefill_seconds_ += step_ms / 1000;
  } else {
    decode_seconds_ += step_ms / 1000;
    decoded_tokens_ += plan.decode_rows;
  }
}

bool BatchScheduler::shrink() {
  const std::size_t before = decoder_.cells();
  if (!is_idle()) return false;
  residents_.shrink();
  return decoder_.cells() < before;
}

Plan BatchScheduler::plan() const {
  std::vector<PlannedSequence> sequences;
  std::size_t decoding = 0;
  for (const auto& sequence : residents_.running()) {
    const bool blocked = !sequence->outbox->has_room();
    sequences.push_back({sequence->pending(), sequence->is_decoding(), blocked});
    if (sequence->is_decoding() && !blocked) ++decoding;
  }
  limit_scoring(sequences);
  const std::size_t max_rows = decoder_.limits().max_rows;
  const std::size_t others = turns_.working() - (work_ ? 1 : 0);
  return plan_batch(sequences,
                    {max_rows, cost_.prompt_rows(decoding, max_rows, others), next_prompt_});
}

// The decoder has logits for one row of each sequence. A prompt that is scored needs one for each
// of its rows: it gets what the others cannot need, and one such prompt at a time.
void BatchScheduler::limit_scoring(std::span<PlannedSequence> sequences) const {
  const auto& running = residents_.running();
  bool taken = false;
  for (std::size_t k = 0; k < running.size(); ++k) {
    const std::size_t i = (next_prompt_ + k) % running.size();
    if (!running[i]->is_scoring()) continue;
    const std::size_t rows = decoder_.limits().max_sequences - (running.size() - 1);
    sequences[i].pending = std::min(sequences[i].pending, rows);
    sequences[i].blocked |= std::exchange(taken, true);
  }
}

DecodeStatus BatchScheduler::decode(const Plan& plan, const std::stop_token& stop) {
  build_rows(plan);
  next_prompt_ = plan.next_prompt;
  const auto nobody_waits = [&] {
    return stop.stop_requested() || std::ranges::all_of(plan.shares, [&](const PlanShare& share) {
             return sequence_of(share).is_cancelled();
           });
  };
  try {
    const DecodeStatus status = decoder_.decode(rows_, nobody_waits);
    if (status != DecodeStatus::Done) return status;
  } catch (const std::exception& exception) {
    log_.error("the decoder threw: {}", exception.what());
    return DecodeStatus::Failed;
  }
  ++steps_;
  prefilled_tokens_ += plan.prompt_rows;
  for (const PlanShare& share : plan.shares) sequence_of(share).cached += share.tokens;
  return DecodeStatus::Done;
}

void BatchScheduler::build_rows(const Plan& plan) {
  rows_.clear();
  for (const PlanShare& share : plan.shares) {
    const Sequence& sequence = sequence_of(share);
    for (std::size_t k = 0; k < share.tokens; ++k) {
      const std::size_t position = sequence.cached + k;
      const bool is_last = position + 1 == sequence.tokens.size();
      rows_.push_back({sequence.tokens[position], static_cast<std::int32_t>(position), sequence.id,
                       /*wants_logits=*/is_last || sequence.is_scoring()});
    }
  }
}

void BatchScheduler::publish(const Plan& plan) {
  std::size_t row = 0;
  for (const PlanShare& share : plan.shares) {
    Sequence& sequence = sequence_of(share);
    if (sequence.is_scoring()) {
      for (std::size_t k = 0; k < share.tokens; ++k)
        sequence.score(sequence.cached - share.tokens + k, decoder_.logits(row + k), tokenizer_);
    }
    row += share.tokens;
    if (sequence.pending() > 0) continue;
    try {
      sequence.advance(decoder_.logits(row - 1), tokenizer_, decoder_.limits().cells, clock_);
      ++generated_tokens_;
    } catch (const std::exception& exception) {
      log_.error("choosing a token threw: {}", exception.what());
      sequence.fail({ErrorCode::GenerationFailed,
                     "The next token could not be chosen.",
                     exception.what(),
                     {}});
    }
  }
}

// What each status means for the cache: see DecodeStatus.
void BatchScheduler::recover(DecodeStatus status, const Plan& plan) {
  if (status == DecodeStatus::CacheFull && residents_.running().size() > 1) {
    // This memory needs more than a cell a token (a sliding window with shared cells does): fewer
    // at a time.
    return residents_.swap_out_youngest();
  }
  for (const PlanShare& share : plan.shares) {
    Sequence& sequence = sequence_of(share);
    if (status == DecodeStatus::Aborted) {
      // Its rows may be in the cache but their logits are lost: back to where the step began.
      if (!decoder_.truncate(sequence.id, static_cast<std::int32_t>(sequence.cached))) {
        decoder_.truncate(sequence.id, 0);
        sequence.cached = 0;
      }
      continue;
    }
    const bool full = status == DecodeStatus::CacheFull;
    sequence.fail({ErrorCode::GenerationFailed,
                   full ? "The KV cache has no room for this request, although it has it to itself."
                        : "The model failed to compute the next token.",
                   {},
                   {}});
  }
}

generation::EngineLoad BatchScheduler::load() const {
  generation::EngineLoad load;
  load.swapped = residents_.swapped();
  load.queued = residents_.waiting() - load.swapped;
  load.running = residents_.running().size();
  load.kv_cells = residents_.ledger().capacity();
  load.kv_cells_used = residents_.ledger().used();
  load.steps = steps_;
  load.generated_tokens = generated_tokens_;
  load.prefilled_tokens = prefilled_tokens_;
  load.prefill_seconds = prefill_seconds_;
  load.decode_seconds = decode_seconds_;
  load.decoded_tokens = decoded_tokens_;
  load.memory = decoder_.memory();
  return load;
}

}  // namespace shimmy::scheduler
