#include "support/task_queue.h"

#include <utility>

namespace shimmy::support {

void TaskQueue::post(std::function<void()> task) {
  const std::lock_guard lock(mutex_);
  if (!is_stopped_) tasks_.push_back(std::move(task));
}

void TaskQueue::run() {
  while (true) {
    std::function<void()> task;
    {
      const std::lock_guard lock(mutex_);
      if (tasks_.empty()) return;
      task = std::move(tasks_.front());
      tasks_.pop_front();
    }
    task();
  }
}

void TaskQueue::stop() {
  std::deque<std::function<void()>> dropped;  // outlives the lock: a task may post when it goes
  const std::lock_guard lock(mutex_);
  is_stopped_ = true;
  dropped.swap(tasks_);
}

}  // namespace shimmy::support
