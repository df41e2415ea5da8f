// One request on its way through the scheduler.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/clock.h"
#include "generation/event.h"
#include "generation/request.h"
#include "generation/tokenizer.h"
#include "scheduler/decoder.h"
#include "scheduler/outbox.h"
#include "scheduler/queue_shares.h"
#include "scheduler/sampler.h"
#include "scheduler/text_stream.h"

namespace shimmy::scheduler {

// What is handed to the scheduler for one accepted request.
struct Submission {
  generation::Request request;
  std::unique_ptr<Sampler> sampler;
  std::shared_ptr<Outbox> outbox;
  base::Clock::time_point submitted;
  QueueShares::Ticket place{};  // in line, until it is first admitted
};

// Scheduler thread only. The first `cached` of `tokens` are in the KV cache under `id`; the rest is
// pending.
class Sequence {
 public:
  explicit Sequence(Submission submission);

  std::size_t pending() const { return tokens.size() - cached; }
  bool is_decoding() const { return generated > 0 && pending() == 1; }
  bool is_cancelled() const { return outbox->is_cancelled(); }
  bool is_overdue(base::Clock::time_point now) const {
    return request.deadline && now >= *request.deadline;
  }

  // Chooses the next token from `logits` and tells the reader, or ends: at an end token, where a
  // constraint allows nothing more, at a stop string, max_tokens or `capacity` tokens in all.
  void advance(std::span<const float> logits, const generation::Tokenizer& tokenizer,
               std::size_t capacity, const base::Clock& clock);

  // Whether the logits of every row are wanted, not only the last one's: the prompt is scored.
  bool is_scoring() const {
    return request.prompt_logprobs && scores_.size() < request.prompt.size();
  }

  // Keeps the logprob that `logits`, of the row at `position`, give to the prompt's next token.
  void score(std::size_t position, std::span<const float> logits,
             const generation::Tokenizer& tokenizer);

  // The final event. Each ends the sequence: done from here on.
  void finish(generation::FinishReason reason, std::string stop = {});
  void fail(base::Error error);

  const generation::Request request;
  const std::shared_ptr<Outbox> outbox;
  const base::Clock::time_point submitted;

  std::vector<Token> tokens;  // the prompt, then what was generated
  std::size_t generated = 0;
  std::size_t cached = 0;
  SequenceId id = -1;               // -1: has none, waits
  QueueShares::Ticket place;        // let go of at the first admission
  std::uint64_t turn = 0;           // among those who wait: its client's requests come in turn
  std::uint64_t admission = 0;      // higher: admitted later
  bool swapped = false;             // was running, waits for room to go on
  std::vector<std::uint8_t> saved;  // its KV state while swapped; empty: to be computed again
  bool done = false;
  std::optional<base::Clock::time_point> started;

 private:
  generation::FinishedEvent summary(generation::FinishReason reason, std::string stop) const;

  void tell_scores(const generation::Tokenizer& tokenizer);

  const std::unique_ptr<Sampler> sampler_;
  std::vector<generation::GeneratedToken> scores_;  // of the prompt's first tokens
  TextStream text_;
  std::optional<base::Clock::time_point> first_token_;
  base::Clock::time_point last_token_;
};

}  // namespace shimmy::scheduler
