// Which sequences are in the KV cache, which wait for room, and who leaves when it is full.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "base/clock.h"
#include "base/error.h"
#include "base/log.h"
#include "scheduler/decoder.h"
#include "scheduler/kv_ledger.h"
#include "scheduler/sequence.h"

namespace shimmy::scheduler {

// The answer to a prompt of `prompt_tokens` where memory allows `cells` of the model's `limit`.
base::Error no_memory_for(std::size_t prompt_tokens, std::size_t cells, std::size_t limit);

// Scheduler thread only.
class Residents {
 public:
  using SequencePtr = std::unique_ptr<Sequence>;

  // `decoder` and `clock` must outlive it.
  Residents(Decoder& decoder, const base::Clock& clock, base::Logger log);

  // Puts a new sequence in line: behind those of a higher priority, and among its equals so that
  // clients take turns, however many requests each has there.
  void add(SequencePtr sequence);

  // Ends what was cancelled or is overdue, and lets go of everything that is done.
  void retire();

  // Lets waiting sequences in, in order and without overtaking: a request that needs much room must
  // not wait for ever behind small ones. The cache grows for them where memory allows; what finds
  // no room even alone ends.
  void admit();

  // Sees that every running sequence has cells for its pending tokens: the cache grows, or else the
  // youngest are swapped out until the others have theirs. The oldest always stays, so there is
  // progress; when it is alone and finds no room, it ends at its present length.
  void make_room();

  // Gives memory that the cache has grown by back. Requires: is_empty().
  void shrink();

  // Swaps out the running sequence of the lowest priority that came last.
  // Requires: something runs.
  void swap_out_youngest();

  void fail_all(const base::Error& error);

  const std::vector<SequencePtr>& running() const { return running_; }  // by admission
  bool is_empty() const { return waiting_.empty() && running_.empty(); }
  std::size_t waiting() const { return waiting_.size(); }
  std::size_t swapped() const;
  const KvLedger& ledger() const { return ledger_; }
  std::optional<base::Clock::time_point> next_deadline() const;

 private:
  struct Refusal {  // to let the cache grow
    base::Clock::time_point at;
    std::size_t cells = 0;
  };

  bool try_admit(Sequence& sequence);
  void grow_for_waiting();
  bool grow_to(std::size_t least, std::size_t wished);
  bool ask_for(std::size_t cells);
  std::size_t room_for(const Sequence& waiting) const;
  void end_without_room(Sequence& sequence);
  void restore(Sequence& sequence);
  void release(Sequence& sequence);

  Decoder& decoder_;
  const base::Clock& clock_;
  const base::Logger log_;
  KvLedger ledger_;
  std::vector<SequencePtr>
      waiting_;  // swapped ones by admission, then new ones by priority, turn and arrival
  std::vector<SequencePtr> running_;
  std::optional<Refusal> refused_;
  std::uint64_t admissions_ = 0;
  std::uint64_t turn_ = 0;  // of the last that was admitted
};

}  // namespace shimmy::scheduler
