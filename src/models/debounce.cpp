#include "models/debounce.h"

#include <algorithm>

namespace shimmy::models {

void Debounce::event() {
  const auto now = clock_.now();
  if (!pending_) pending_ = Pending{now, now};
  pending_->last = now;
}

std::optional<base::Clock::duration> Debounce::wait() const {
  if (!pending_) return std::nullopt;
  const auto at = std::min(pending_->last + times_.quiet, pending_->first + times_.longest);
  return std::max(at - clock_.now(), base::Clock::duration::zero());
}

bool Debounce::due() {
  const auto left = wait();
  if (!left || *left > base::Clock::duration::zero()) return false;
  pending_.reset();
  return true;
}

}  // namespace shimmy::models
