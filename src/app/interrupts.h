// Turns SIGINT and SIGTERM into a stop token.
#pragma once

#include <atomic>
#include <stop_token>
#include <thread>

namespace shimmy::app {

// To be made on the main thread before any other thread starts: it blocks both signals for all of
// them, and ignores SIGPIPE. Once somebody has asked for the token, the first signal requests a
// stop; any other ends the process at once with 128 + its number. Destroying the object leaves the
// signals blocked.
class Interrupts {
 public:
  Interrupts();
  ~Interrupts();
  Interrupts(const Interrupts&) = delete;
  Interrupts& operator=(const Interrupts&) = delete;

  std::stop_token token() {
    listened_ = true;
    return source_.get_token();
  }

 private:
  void wait();

  std::stop_source source_;
  std::atomic<bool> listened_ = false;
  int signals_ = -1;  // a signalfd
  int ended_ = -1;    // an eventfd, written by the destructor
  std::thread thread_;
};

}  // namespace shimmy::app
