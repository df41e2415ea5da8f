// The thread that lets models go: those whose memory is wanted, and those unused for long.
#pragma once

#include <memory>
#include <optional>
#include <stop_token>
#include <thread>

#include "pool/pool_slot.h"

namespace shimmy::pool {

class Caretaker {
 public:
  explicit Caretaker(std::shared_ptr<PoolState> pool);

  // Joins the thread.
  void stop();

 private:
  std::shared_ptr<PoolState> pool_;
  std::jthread thread_;
};

// Marks as Draining what is due by the pool's clock. Gives when the next model will be. With the
// mutex held.
std::optional<base::Clock::time_point> expire(PoolState& pool);

}  // namespace shimmy::pool
