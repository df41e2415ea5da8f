// What an I/O thread still has to do, done when the test says so.
#pragma once

#include <deque>
#include <functional>
#include <mutex>

namespace shimmy::support {

class TaskQueue {
 public:
  void post(std::function<void()> task);  // any thread

  // Runs what was posted, and what that posts.
  void run();

  // Drops what was posted and all that will be.
  void stop();

 private:
  std::mutex mutex_;
  std::deque<std::function<void()>> tasks_;  // guarded by mutex_, as the next
  bool is_stopped_ = false;
};

}  // namespace shimmy::support
