#include "pull/retries.h"

#include <algorithm>
#include <condition_variable>
#include <mutex>

namespace shimmy::pull {
namespace {

using std::chrono::milliseconds;

// False when `stop` came first.
bool sleep_for(milliseconds span, const std::stop_token& stop) {
  std::mutex mutex;
  std::condition_variable_any stopped;
  std::unique_lock lock(mutex);
  stopped.wait_for(lock, stop, span, [] { return false; });
  return !stop.stop_requested();
}

}  // namespace

bool may_pass(const base::Error& error) {
  return error.code == base::ErrorCode::Unavailable && error.reason != "redirect";
}

milliseconds Retries::pause_after(const Trouble& trouble) const {
  milliseconds pause = limits_.first_pause;
  for (int i = 1; i < failures_ && pause < limits_.longest_pause; ++i) pause *= 2;
  pause = std::min(pause, limits_.longest_pause);
  return trouble.wish ? std::max<milliseconds>(pause, *trouble.wish) : pause;
}

bool Retries::wait_after(const Trouble& trouble, const std::stop_token& stop) {
  if (stop.stop_requested() || !may_pass(trouble.error)) return false;
  const std::string& reason = trouble.error.reason;
  const bool is_unreachable = reason == "dns" || reason == "connect";
  if (++failures_ >= (is_unreachable ? limits_.attempts_to_connect : limits_.attempts))
    return false;
  if (trouble.wish && *trouble.wish > limits_.longest_wish) return false;
  const milliseconds pause = pause_after(trouble);
  if (on_retry_) on_retry_(trouble.error, pause);
  return sleep_for(pause, stop);
}

}  // namespace shimmy::pull
