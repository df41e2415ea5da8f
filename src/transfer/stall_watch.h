// Notices when a transfer no longer moves.
#pragma once

#include <cstddef>
#include <cstdint>

#include "base/clock.h"
#include "transfer/http_client.h"

namespace shimmy::transfer {

// One thread. `clock` outlives it.
class StallWatch {
 public:
  StallWatch(const Timeouts& timeouts, const base::Clock& clock)
      : timeouts_(timeouts), clock_(clock), since_(clock.now()) {}

  void count(std::size_t bytes) { bytes_ += bytes; }

  // Time that passed so far does not count.
  void restart() {
    since_ = clock_.now();
    bytes_ = 0;
  }

  // True once a span of Timeouts::stall has brought too little.
  bool is_over() {
    if (timeouts_.stall.count() == 0 || clock_.now() - since_ < timeouts_.stall) return false;
    if (bytes_ < timeouts_.stall_bytes) return true;
    restart();
    return false;
  }

 private:
  const Timeouts timeouts_;
  const base::Clock& clock_;
  base::Clock::time_point since_;
  std::uint64_t bytes_ = 0;
};

}  // namespace shimmy::transfer
