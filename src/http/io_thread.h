// One thread that runs the network's callbacks, and the mailbox through which others reach it.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "base/guarded.h"
#include "base/log.h"

namespace boost::asio {
class io_context;  // NOLINT(readability-identifier-naming): Boost's name
}

namespace shimmy::http {

// Outlives its thread: whoever still holds an Exchange after the server stopped may post in vain.
class IoThread {
 public:
  IoThread(std::string name, base::Logger log);
  ~IoThread();
  IoThread(const IoThread&) = delete;
  IoThread& operator=(const IoThread&) = delete;

  void start();

  // Runs `task` on the thread, in the order of posting. Any thread. Dropped after finish().
  void post(std::function<void()> task);

  // Whether the caller is this thread.
  bool is_current() const;

  // Calls `tick` every `period` on the thread until it returns false. One at a time; on the thread.
  void tick_every(std::chrono::milliseconds period, std::function<bool()> tick);

  // Takes no more tasks, runs those at hand and what they set going, and waits for the thread to
  // end. What waits for the network must have been closed or be closed by those tasks. Not on the
  // thread.
  void finish();

  boost::asio::io_context& context();

 private:
  struct Loop;
  struct Mailbox {
    std::vector<std::function<void()>> tasks;
    bool is_woken = false;  // the loop will look into the mailbox anyway
    bool is_closed = false;
  };

  void run();
  void run_mail();
  void run_guarded(const std::function<void()>& task);
  void next_tick();

  const std::string name_;
  const base::Logger log_;
  std::unique_ptr<Loop> loop_;
  base::Guarded<Mailbox> mailbox_;
  std::jthread thread_;
};

}  // namespace shimmy::http
