// Many events close together count as one.
#pragma once

#include <chrono>
#include <optional>

#include "base/clock.h"

namespace shimmy::models {

struct DebounceTimes {
  base::Clock::duration quiet = std::chrono::milliseconds(200);  // after the last event
  base::Clock::duration longest = std::chrono::seconds(2);       // after the first
};

// For one thread. The clock must outlive it.
class Debounce {
 public:
  explicit Debounce(const base::Clock& clock, const DebounceTimes& times = {})
      : clock_(clock), times_(times) {}

  void event();

  // How long until due() will be true, 0 if it is; empty: no event waits.
  std::optional<base::Clock::duration> wait() const;

  // True once when it has been quiet for long enough, or events went on for too long.
  bool due();

 private:
  struct Pending {
    base::Clock::time_point first;
    base::Clock::time_point last;
  };

  const base::Clock& clock_;
  const DebounceTimes times_;
  std::optional<Pending> pending_;
};

}  // namespace shimmy::models
