#include "scheduler/residents.h"

#include <algorithm>
#include <utility>

namespace shimmy::scheduler {
namespace {

// Free cells that a swapped sequence must find before it returns, so that it does not leave again
// at once.
constexpr std::size_t kResumeHeadroom = 64;

// Whether `a` has to leave before `b`.
bool leaves_before(const Residents::SequencePtr& a, const Residents::SequencePtr& b) {
  if (a->request.priority != b->request.priority) return a->request.priority < b->request.priority;
  return a->admission > b->admission;
}

}  // namespace

Residents::Residents(Decoder& decoder, const base::Clock& clock, base::Logger log)
    : decoder_(decoder),
      clock_(clock),
      log_(std::move(log)),
      ledger_(decoder.limits().max_sequences, decoder.limits().cells) {}

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
  while (!waiting_.empty() && try_admit(*waiting_.front())) {
    running_.push_back(std::move(waiting_.front()));
    waiting_.erase(waiting_.begin());
  }
}

bool Residents::try_admit(Sequence& sequence) {
  const std::size_t headroom = sequence.swapped && !running_.empty() ? kResumeHeadroom : 0;
  if (sequence.tokens.size() + headroom > ledger_.available() && !running_.empty()) return false;
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
  for (std::size_t i = 0; i < running_.size();) {
    if (ledger_.grow(running_[i]->id, running_[i]->tokens.size())) {
      ++i;
    } else {
      swap_out_youngest();
      i = 0;
    }
  }
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
