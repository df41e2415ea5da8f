#include "http/worker_pool.h"

#include <fmt/core.h>
#include <pthread.h>

#include <exception>
#include <optional>
#include <utility>

namespace shimmy::http {

WorkerPool::WorkerPool(std::size_t threads, std::size_t queue_capacity, base::Logger log)
    : thread_count_(threads), log_(std::move(log)), queue_(queue_capacity) {}

WorkerPool::~WorkerPool() { stop(); }

void WorkerPool::start() {
  const std::lock_guard lock(mutex_);
  while (threads_.size() < thread_count_) add_thread();
}

bool WorkerPool::try_submit(Task&& task) {
  return queue_.try_push(std::move(task)) == base::PushResult::Pushed;
}

void WorkerPool::stop() {
  Threads ended;  // joined outside the lock, which their last steps take
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
    queue_.close();
    ended.splice(ended.end(), threads_);
    ended.splice(ended.end(), retired_);
  }
  ended.clear();
  while (queue_.try_pop()) {
  }
}

void WorkerPool::began_waiting() {
  Threads ended;
  const std::lock_guard lock(mutex_);
  ended.swap(retired_);
  ++waiting_;
  const bool is_short = threads_.size() - waiting_ < thread_count_;
  if (is_short && !stopping_ && waiting_ <= kMaxWaiting) add_thread();
}

void WorkerPool::ended_waiting() {
  const std::lock_guard lock(mutex_);
  --waiting_;
}

void WorkerPool::add_thread() {
  const std::size_t number = next_number_++;
  const auto self = threads_.emplace(threads_.end());
  *self = std::jthread([this, self, number] { run(number, self); });
}

void WorkerPool::run(std::size_t number, Threads::iterator self) {
  pthread_setname_np(pthread_self(), fmt::format("http-worker-{}", number).c_str());
  base::set_wait_listener(this);
  while (std::optional<Task> task = queue_.pop()) {
    if (stopping_) continue;
    try {
      (*task)();
    } catch (const std::exception& error) {
      log_.error("A worker's task threw: {}.", error.what());
    }
    if (retires(self)) return;
  }
}

// True where those that waited are back, and there are more threads than should work.
bool WorkerPool::retires(Threads::iterator self) {
  const std::lock_guard lock(mutex_);
  if (stopping_ || threads_.size() - waiting_ <= thread_count_) return false;
  retired_.splice(retired_.end(), threads_, self);
  return true;
}

}  // namespace shimmy::http
