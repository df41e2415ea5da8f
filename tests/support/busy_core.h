// Threads that choose their cores, and one that takes a core from the others.
#pragma once

#include <sched.h>

#include <stop_token>
#include <thread>
#include <vector>

namespace shimmy::support {

// The numbers of the cores that the calling thread may run on.
inline std::vector<int> own_cores() {
  cpu_set_t allowed;
  CPU_ZERO(&allowed);
  sched_getaffinity(0, sizeof allowed, &allowed);
  std::vector<int> cores;
  for (int core = 0; core < CPU_SETSIZE; ++core) {
    if (CPU_ISSET(core, &allowed)) cores.push_back(core);
  }
  return cores;
}

// The calling thread, and threads that it starts from now on, run on no other core.
inline void stay_on_core(int core) {
  cpu_set_t cores;
  CPU_ZERO(&cores);
  CPU_SET(core, &cores);
  sched_setaffinity(0, sizeof cores, &cores);
}

// Wants the core all the time, as a busy program does.
class BusyCore {
 public:
  explicit BusyCore(int core)
      : thread_([core](const std::stop_token& stop) {
          stay_on_core(core);
          while (!stop.stop_requested()) continue;
        }) {}

 private:
  std::jthread thread_;
};

}  // namespace shimmy::support
