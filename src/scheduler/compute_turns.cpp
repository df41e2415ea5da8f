#include "scheduler/compute_turns.h"

#include <utility>

namespace shimmy::scheduler {

ComputeTurns::Turn::Turn(Turn&& other) noexcept : turns_(std::exchange(other.turns_, nullptr)) {}

ComputeTurns::Turn::~Turn() {
  if (turns_ != nullptr) turns_->end_turn();
}

ComputeTurns::Work::Work(ComputeTurns& turns) : turns_(turns) {
  const std::lock_guard lock(turns_.mutex_);
  ++turns_.working_;
}

ComputeTurns::Work::~Work() {
  const std::lock_guard lock(turns_.mutex_);
  --turns_.working_;
}

std::optional<ComputeTurns::Turn> ComputeTurns::take(const std::stop_token& stop) {
  std::unique_lock lock(mutex_);
  const std::uint64_t ticket = ++last_ticket_;
  line_.push_back(ticket);
  if (changed_.wait(lock, stop, [&] { return line_.front() == ticket; })) return Turn(*this);
  std::erase(line_, ticket);
  return std::nullopt;
}

void ComputeTurns::end_turn() {
  {
    const std::lock_guard lock(mutex_);
    line_.pop_front();
  }
  changed_.notify_all();
}

std::size_t ComputeTurns::waiting() const {
  const std::lock_guard lock(mutex_);
  return line_.empty() ? 0 : line_.size() - 1;
}

std::size_t ComputeTurns::working() const {
  const std::lock_guard lock(mutex_);
  return working_;
}

}  // namespace shimmy::scheduler
