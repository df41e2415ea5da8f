// How fast bytes come, how long the rest will take, and how often to tell.
#pragma once

#include <chrono>
#include <cstdint>
#include <deque>
#include <optional>

#include "base/clock.h"

namespace shimmy::pull {

// Lets something happen at most ten times a second. One thread.
class Pace {
 public:
  explicit Pace(const base::Clock& clock) : clock_(clock) {}

  bool is_due();  // true the first time, and then once each tenth of a second

 private:
  const base::Clock& clock_;
  std::optional<base::Clock::time_point> last_;
};

// The mean over the last seconds. One thread.
class Speed {
 public:
  explicit Speed(const base::Clock& clock) : clock_(clock) {}

  // `done` bytes of the file are there now; the first call sets the start.
  void at(std::uint64_t done);

  double bytes_per_second() const;

  // Empty where the speed is not known yet, or nothing comes.
  std::optional<std::chrono::seconds> left(std::uint64_t bytes_to_come) const;

 private:
  struct Mark {
    base::Clock::time_point when;
    std::uint64_t done = 0;
  };

  const base::Clock& clock_;
  std::deque<Mark> marks_;  // oldest first
};

}  // namespace shimmy::pull
