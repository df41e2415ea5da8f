#include "scheduler/residents.h"

#include <algorithm>
#include <chrono>
#include <utility>

namespace shimmy::scheduler {
namespace {

// Free cells that a swapped sequence must find before it returns, so that it does not leave again
// at once.
constexpr std::size_t kResumeHeadroom = 64;

// Asking for memory is not cheap: while something runs, not again for as much so soon after a
// refusal.
constexpr std::chrono::seconds kGrowthPause{1};

// Whether `a` has to leave before `b`.
bool leaves_before(const Residents::SequencePtr& a, const Residents::SequencePtr& b) {
  if (a->request.priority != b->request.priority) return a->request.priority < b->request.priority;
  return a->admission > b->admission;
}

}  // namespace

base::Error no_memory_for(std::size_t prompt_tokens, std::size_t cells, std::size_t limit) {
  return {base::ErrorCode::ContextOverflow,
          fmt::format("The prompt has {} tokens, but there is memory for a context of {} with the "
                      "answer (the model itself takes {}): shorten it, or free memory by unloading "
                      "other models.",
                      prompt_tokens, cells, limit),
          {},
          {}};
}

Residents::Residents(Decoder& decoder, const base::Clock& clock, base::Logger log)
    : decoder_(decoder),
      clock_(clock),
      log_(std::move(log)),
      ledger_(decoder.limits().max_sequences, decoder.cells()) {}

void Residents::add(SequencePtr sequence) {
  sequence->turn = turn_ + 1;
  for (const SequencePtr& other : waiting_) {
    if (!other->swapped && other->request.client == sequence->request.client)
      sequence->turn = std::max(sequence->turn, other->turn + 1);
  }
  const auto place = std::ranges::find_if(waiting_, [&](const SequencePtr& other) {
    if (other->swapped) return false;
    if (other->request.priority != sequence->request.priority)
      return other->request.priority < sequence->request.priority;
    return other->turn > sequence->turn;
  });
  waiting_.insert(place, std::move(sequence));
}

void Residents::retire() {
  const auto now = clock_.now();
  for (auto* group : {&waiting_, &running_}) {
    std::erase_if(*group, [&](const SequencePtr& sequence) {
      if (!sequence->done && !sequence->is_cancelled() && sequence->is_overdue(now)) {
        sequence->fail({base::ErrorCode::DeadlineExceeded,
                        "The request's deadline passed before it was finished.",
                        {},
                        {}});
      }
      if (!sequence->done && !sequence->is_cancelled()) return false;
      release(*sequence);
      return true;
    });
  }
}

void Residents::admit() {
  grow_for_waiting();
  while (!waiting_.empty()) {
    const bool admitted = try_admit(*waiting_.front());
    if (!admitted && !running_.empty()) return;
    if (admitted) {
      running_.push_back(std::move(waiting_.front()));
    } else {
      end_without_room(*waiting_.front());
    }
    waiting_.erase(waiting_.begin());
  }
}

// One growth for all that can be let in, or else for the first.
void Residents::grow_for_waiting() {
  const std::size_t ids = decoder_.limits().max_sequences - running_.size();
  if (waiting_.empty() || ids == 0) return;
  const std::size_t first = ledger_.used() + room_for(*waiting_.front());
  std::size_t all = ledger_.used();
  for (std::size_t i = 0; i < std::min(ids, waiting_.size()); ++i) all += room_for(*waiting_[i]);
  grow_to(first, all);
}

// True when the cache has `least` cells now; more, up to `wished`, where that can be had.
bool Residents::grow_to(std::size_t least, std::size_t wished) {
  const std::size_t limit = decoder_.limits().cells;
  if (least > limit) return false;
  wished = std::min(wished, limit);
  if (wished <= ledger_.capacity()) return true;
  if (running_.empty()) refused_.reset();
  return ask_for(wished) || (least < wished && (least <= ledger_.capacity() || ask_for(least)));
}

bool Residents::ask_for(std::size_t cells) {
  const auto now = clock_.now();
  if (refused_ && now - refused_->at < kGrowthPause && cells >= refused_->cells) return false;
  const bool grown = decoder_.grow(cells);
  if (!grown) refused_ = {now, cells};
  ledger_.resize(decoder_.cells());
  return grown;
}

std::size_t Residents::room_for(const Sequence& waiting) const {
  const std::size_t headroom = waiting.swapped && !running_.empty() ? kResumeHeadroom : 0;
  return waiting.tokens.size() + headroom;
}

bool Residents::try_admit(Sequence& sequence) {
  if (room_for(sequence) > ledger_.available()) return false;
  const auto id = ledger_.acquire(sequence.tokens.size());
  if (!id) return false;
  sequence.id = *id;
  if (sequence.swapped) {
    restore(sequence);  // keeps its place among the old
  } else {
    sequence.admission = ++admissions_;
    sequence.place.reset();
    turn_ = std::max(turn_, sequence.turn);
    sequence.started = clock_.now();
  }
  return true;
}

// It has the cache to itself, and memory does not let that grow.
void Residents::end_without_room(Sequence& sequence) {
  if (sequence.generated > 0) {
    log_.warning("a generation ends after {} tokens: there is no memory for a longer context",
                 sequence.tokens.size());
    return sequence.finish(generation::FinishReason::Length);
  }
  sequence.fail(no_memory_for(sequence.tokens.size(), ledger_.capacity(), decoder_.limits().cells));
}

// What cannot be restored is computed again: slower, but nothing is lost.
void Residents::restore(Sequence& sequence) {
  sequence.swapped = false;
  const std::vector<std::uint8_t> saved = std::exchange(sequence.saved, {});
  if (!saved.empty()) {
    if (const auto restored = decoder_.restore(sequence.id, saved); restored) return;
    log_.warning("a swapped sequence of {} tokens could not be restored: it is computed again",
                 sequence.cached);
    decoder_.truncate(sequence.id, 0);
  }
  sequence.cached = 0;
}

void Residents::make_room() {
  bool asked_again = false;
  for (std::size_t i = 0; i < running_.size();) {
    const Sequence& sequence = *running_[i];
    const std::size_t cells = sequence.tokens.size();
    const std::size_t wanted = ledger_.used() + cells - ledger_.owned(sequence.id);
    if (ledger_.grow(sequence.id, cells)) {
      ++i;
    } else if (grow_to(wanted, wanted)) {
      continue;
    } else if (running_.size() > 1) {
      swap_out_youngest();
      i = 0;
    } else if (!std::exchange(asked_again, true)) {
      refused_.reset();  // it would end: worth to ask, however soon
    } else {
      end_without_room(*running_.front());
      return retire();
    }
  }
}

void Residents::shrink() {
  decoder_.shrink();
  ledger_.resize(decoder_.cells());
}

void Residents::swap_out_youngest() {
  const auto youngest = std::ranges::min_element(running_, leaves_before);
  SequencePtr sequence = std::move(*youngest);
  running_.erase(youngest);
  if (sequence->cached > 0) {
    if (auto saved = decoder_.save(sequence->id)) sequence->saved = std::move(*saved);
  }
  release(*sequence);
  sequence->swapped = true;
  log_.debug("swapped out a sequence of {} tokens, {} kB", sequence->tokens.size(),
             sequence->saved.size() / 1000);
  const auto place = std::ranges::find_if(waiting_, [&](const SequencePtr& other) {
    return !other->swapped || other->admission > sequence->admission;
  });
  waiting_.insert(place, std::move(sequence));
}

void Residents::fail_all(const base::Error& error) {
  for (auto* group : {&waiting_, &running_}) {
    for (const SequencePtr& sequence : *group) sequence->fail(error);
  }
  retire();
}

std::size_t Residents::swapped() const {
  return static_cast<std::size_t>(std::ranges::count_if(
      waiting_, [](const SequencePtr& sequence) { return sequence->swapped; }));
}

std::optional<base::Clock::time_point> Residents::next_deadline() const {
  std::optional<base::Clock::time_point> next;
  for (const auto* group : {&waiting_, &running_}) {
    for (const SequencePtr& sequence : *group) {
      const auto& deadline = sequence->request.deadline;
      if (deadline && (!next || *deadline < *next)) next = deadline;
    }
  }
  return next;
}

void Residents::release(Sequence& sequence) {
  if (sequence.id < 0) return;
  decoder_.truncate(sequence.id, 0);
  ledger_.release(std::exchange(sequence.id, -1));
}

}  // namespace shimmy::scheduler
