// Trying again: what may succeed later, how often, and after which pause.
#pragma once

#include <chrono>
#include <functional>
#include <optional>
#include <stop_token>

#include "base/error.h"

namespace shimmy::pull {

struct RetryLimits {
  int attempts = 6;                              // in a row without progress
  int attempts_to_connect = 3;                   // the same where nobody can be reached at all
  std::chrono::milliseconds first_pause{1'000};  // then twice as long each time
  std::chrono::milliseconds longest_pause{30'000};
  std::chrono::milliseconds longest_wish{300'000};  // of a server: longer ones are failures
  std::chrono::milliseconds stall{30'000};          // without a byte: counts as a cut
};

// Told before each pause.
using OnRetry = std::function<void(const base::Error& why, std::chrono::milliseconds pause)>;

// What ended an attempt, and how long the server wants to be left alone.
struct Trouble {
  base::Error error;
  std::optional<std::chrono::seconds> wish{};
};

// True where nothing but another attempt is needed.
bool may_pass(const base::Error& error);

// Counts the attempts of one task. One thread.
class Retries {
 public:
  Retries(const RetryLimits& limits, const OnRetry& on_retry)
      : limits_(limits), on_retry_(on_retry) {}

  // Waits until the next attempt. False, at once, where there should be none; `stop` ends the wait.
  bool wait_after(const Trouble& trouble, const std::stop_token& stop);

  // The attempts before no longer count.
  void made_progress() { failures_ = 0; }

 private:
  std::chrono::milliseconds pause_after(const Trouble& trouble) const;

  const RetryLimits& limits_;
  const OnRetry& on_retry_;
  int failures_ = 0;
};

// Calls `attempt`, which returns a std::expected<…, Trouble>, until it succeeds or there is no
// point in another call.
template <class Attempt>
auto patiently(const RetryLimits& limits, const OnRetry& on_retry, const std::stop_token& stop,
               Attempt attempt) -> base::Result<typename decltype(attempt())::value_type> {
  Retries retries(limits, on_retry);
  while (true) {
    auto result = attempt();
    if (result) return std::move(*result);
    if (!retries.wait_after(result.error(), stop)) {
      return std::unexpected(std::move(result.error().error));
    }
  }
}

}  // namespace shimmy::pull
