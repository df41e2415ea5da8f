// Threads for handlers that may block. Of normal priority: threads that a handler starts, as a
// model's compute threads, inherit it.
#pragma once

#include <atomic>
#include <cstddef>
#include <functional>
#include <thread>
#include <vector>

#include "base/bounded_queue.h"
#include "base/log.h"

namespace shimmy::http {

// Any thread may call any member but stop(), which a worker must not call.
class WorkerPool {
 public:
  using Task = std::function<void()>;

  WorkerPool(std::size_t threads, std::size_t queue_capacity, base::Logger log);
  ~WorkerPool();  // as stop()
  WorkerPool(const WorkerPool&) = delete;
  WorkerPool& operator=(const WorkerPool&) = delete;

  void start();

  // False when the queue is full or the pool has stopped; the task is then untouched.
  bool try_submit(Task&& task);

  // Drops what is queued, waits for the tasks that run.
  void stop();

 private:
  void run(std::size_t number);

  const std::size_t thread_count_;
  const base::Logger log_;
  base::BoundedQueue<Task> queue_;
  std::atomic<bool> stopping_ = false;
  std::vector<std::jthread> threads_;
};

}  // namespace shimmy::http
