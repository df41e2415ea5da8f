// What all engines of a process compute with, one step at a time.
#pragma once

#include <cstddef>
#include <memory>

#include "base/error.h"
#include "llama/thread_pool.h"
#include "scheduler/compute_turns.h"

namespace shimmy::scheduler {

// The pool serves one forward pass at a time: only the holder of a turn may compute with it.
struct SharedCompute {
  std::shared_ptr<ComputeTurns> turns;
  std::shared_ptr<llama::ThreadPool> pool;
};

// `threads`: 0: one for each usable core. `gives_way`: with fewer of them while other programs want
// the cores (llama::ThreadPoolOptions). Fails with InvalidRequest, or Internal when they cannot
// start.
base::Result<SharedCompute> make_shared_compute(std::size_t threads, bool gives_way);

}  // namespace shimmy::scheduler
