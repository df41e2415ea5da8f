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
  threads_.reserve(thread_count_);
  for (std::size_t i = 0; i < thread_count_; ++i) {
    threads_.emplace_back([this, i] { run(i); });
  }
}

bool WorkerPool::try_submit(Task&& task) {
  return queue_.try_push(std::move(task)) == base::PushResult::Pushed;
}

void WorkerPool::stop() {
  stopping_ = true;
  queue_.close();
  threads_.clear();
  while (queue_.try_pop()) {
  }
}

void WorkerPool::run(std::size_t number) {
  pthread_setname_np(pthread_self(), fmt::format("http-worker-{}", number).c_str());
  while (std::optional<Task> task = queue_.pop()) {
    if (stopping_) continue;
    try {
      (*task)();
    } catch (const std::exception& error) {
      log_.error("A worker's task threw: {}.", error.what());
    }
  }
}

}  // namespace shimmy::http
