#include "models/watcher.h"

#include <pthread.h>

#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <array>
#include <cstdint>
#include <utility>

namespace shimmy::models {
namespace {

// For poll(): -1 waits for ever. Rounded up, or the last millisecond would be spent turning.
int milliseconds(const std::optional<base::Clock::duration>& wait) {
  if (!wait) return -1;
  return static_cast<int>(std::chrono::ceil<std::chrono::milliseconds>(*wait).count());
}

}  // namespace

Watcher::Watcher(std::vector<std::filesystem::path> roots, Changed changed,
                 const base::Clock& clock, const DebounceTimes& times, const WatchLimits& limits)
    : tree_(std::move(roots), limits),
      debounce_(clock, times),
      changed_(std::move(changed)),
      wake_(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)),
      thread_([this](const std::stop_token& stop) { run(stop); }) {}

Watcher::~Watcher() {
  thread_.request_stop();
  const std::uint64_t one = 1;
  static_cast<void>(write(wake_, &one, sizeof one));
  thread_.join();
  close(wake_);
}

void Watcher::run(const std::stop_token& stop) {
  pthread_setname_np(pthread_self(), "model-watch");
  tree_.watch_roots();
  changed_(tree_.is_complete());
  while (!stop.stop_requested()) {
    // A negative descriptor is one that poll() passes over.
    std::array<pollfd, 2> polled{{{wake_, POLLIN, 0}, {tree_.descriptor(), POLLIN, 0}}};
    poll(polled.data(), polled.size(), milliseconds(debounce_.wait()));
    if (stop.stop_requested()) return;
    if (polled[1].revents != 0 && tree_.take_events()) debounce_.event();
    if (debounce_.due()) changed_(tree_.is_complete());
  }
}

}  // namespace shimmy::models
