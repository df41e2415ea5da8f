#include "pull/speed.h"

#include <cmath>

namespace shimmy::pull {
namespace {

constexpr std::chrono::seconds kWindow{5};

}  // namespace

bool Pace::is_due() {
  const auto now = clock_.now();
  if (last_ && now - *last_ < std::chrono::milliseconds(100)) return false;
  last_ = now;
  return true;
}

void Speed::at(std::uint64_t done) {
  if (!marks_.empty() && done < marks_.back().done) marks_.clear();  // it began anew
  const auto now = clock_.now();
  while (marks_.size() > 1 && now - marks_[1].when >= kWindow) marks_.pop_front();
  marks_.push_back({now, done});
}

double Speed::bytes_per_second() const {
  if (marks_.size() < 2) return 0;
  const double ms = base::milliseconds(marks_.back().when - marks_.front().when);
  if (ms <= 0) return 0;
  return static_cast<double>(marks_.back().done - marks_.front().done) * 1000 / ms;
}

std::optional<std::chrono::seconds> Speed::left(std::uint64_t bytes_to_come) const {
  const double speed = bytes_per_second();
  if (speed < 1) return {};
  return std::chrono::seconds(std::llround(std::ceil(static_cast<double>(bytes_to_come) / speed)));
}

}  // namespace shimmy::pull
