// Turns SIGINT and SIGTERM into a stop token, and SIGHUP into a call.
#pragma once

#include <atomic>
#include <functional>
#include <mutex>
#include <stop_token>
#include <thread>

#include "base/guarded.h"

namespace shimmy::app {

// To be made on the main thread before any other thread starts: it blocks the signals for all of
// them, and ignores SIGPIPE. Once somebody has asked for the token, the first signal requests a
// stop; any other ends the process at once with 128 + its number. SIGHUP counts as one of these
// unless somebody wants to hear of it, and whenever the terminal has gone. Destroying the object
// leaves the signals blocked.
class Interrupts {
 public:
  Interrupts();
  ~Interrupts();
  Interrupts(const Interrupts&) = delete;
  Interrupts& operator=(const Interrupts&) = delete;

  std::stop_token token();

  // For one piece of work among several: a SIGINT that has ended the piece before does not count,
  // and from now on a second one during the same piece does nothing. SIGTERM stays what it was.
  std::stop_token renewed_token();

  // Calls `reload` for each SIGHUP, on a thread of its own; empty: no more. Blocks while a call
  // runs. Not from within one.
  void on_hangup(std::function<void()> reload);

 private:
  void wait();
  bool request_stop(bool is_final);
  bool is_reload();  // and calls it

  std::mutex mutex_;
  std::stop_source source_;  // guarded by mutex_
  bool is_final_ = false;    // guarded by mutex_: SIGTERM has come
  bool is_renewed_ = false;  // guarded by mutex_: somebody works piece by piece
  std::atomic<bool> listened_ = false;
  int signals_ = -1;  // a signalfd
  int ended_ = -1;    // an eventfd, written by the destructor
  base::Guarded<std::function<void()>> reload_;
  std::thread thread_;
};

}  // namespace shimmy::app
