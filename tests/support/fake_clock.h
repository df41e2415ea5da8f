// A clock that stands still until a test moves it.
#pragma once

#include <mutex>

#include "base/clock.h"

namespace shimmy::support {

class FakeClock final : public base::Clock {
 public:
  time_point now() const override {
    const std::lock_guard lock(mutex_);
    return now_;
  }
  void advance(duration span) {
    const std::lock_guard lock(mutex_);
    now_ += span;
  }

 private:
  mutable std::mutex mutex_;
  time_point now_{std::chrono::hours(1)};
};

}  // namespace shimmy::support
