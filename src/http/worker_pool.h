// Threads for handlers that may block. Of normal priority: threads that a handler starts, as a
// model's compute threads, inherit it. While tasks wait (base/waiting.h) further threads work in
// their place, so that no number of them keeps the others from running.
#pragma once

#include <atomic>
#include <cstddef>
#include <functional>
#include <list>
#include <mutex>
#include <thread>

#include "base/bounded_queue.h"
#include "base/log.h"
#include "base/waiting.h"

namespace shimmy::http {

// Any thread may call any member but stop(), which a worker must not call.
class WorkerPool final : private base::WaitListener {
 public:
  using Task = std::function<void()>;

  // `threads`: that work at once; those that wait do not count.
  WorkerPool(std::size_t threads, std::size_t queue_capacity, base::Logger log);
  ~WorkerPool() override;  // as stop()
  WorkerPool(const WorkerPool&) = delete;
  WorkerPool& operator=(const WorkerPool&) = delete;

  void start();

  // False when the queue is full or the pool has stopped; the task is then untouched.
  bool try_submit(Task&& task);

  // Drops what is queued, waits for the tasks that run.
  void stop();

 private:
  using Threads = std::list<std::jthread>;

  void began_waiting() override;
  void ended_waiting() override;
  void add_thread();  // with mutex_ held
  void run(std::size_t number, Threads::iterator self);
  bool retires(Threads::iterator self);

  // Threads that wait at once; beyond, tasks queue up behind them.
  static constexpr std::size_t kMaxWaiting = 256;

  const std::size_t thread_count_;
  const base::Logger log_;
  base::BoundedQueue<Task> queue_;
  std::atomic<bool> stopping_ = false;

  // guarded by mutex_
  std::mutex mutex_;
  Threads threads_;
  Threads retired_;  // to be joined
  std::size_t waiting_ = 0;
  std::size_t next_number_ = 0;
};

}  // namespace shimmy::http
