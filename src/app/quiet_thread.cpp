#include "app/quiet_thread.h"

#include <pthread.h>
#include <sched.h>
#include <sys/resource.h>

namespace shimmy::app {

void give_way(const char* thread_name) {
  constexpr int kNice = 10;  // a tenth of a thread's usual share, where a core has to be shared
  pthread_setname_np(pthread_self(), thread_name);
  // On Linux both are the thread's own. Where they are refused it runs as any other.
  const sched_param parameters{};
  sched_setscheduler(0, SCHED_BATCH, &parameters);
  setpriority(PRIO_PROCESS, 0, kNice);
}

}  // namespace shimmy::app
