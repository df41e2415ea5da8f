// The vectors of one request between the embedder's thread and whoever holds the Embedding.
#pragma once

#include <atomic>
#include <condition_variable>
#include <cstddef>
#include <deque>
#include <functional>
#include <mutex>
#include <optional>
#include <stop_token>

#include "generation/embedder.h"

namespace shimmy::scheduler {

// Shared by both sides and outlives either. It holds what the request asked for at most, so that
// the embedder never waits for a reader.
class VectorOutbox {
 public:
  using Item = base::Result<generation::Vector>;

  explicit VectorOutbox(std::size_t inputs) : missing_(inputs) {}

  // Embedder's side, one thread. Everything after the last vector or an error is dropped.
  void push(Item item);
  bool is_cancelled() const { return cancelled_.load(std::memory_order_relaxed); }

  // Reader's side, one thread.
  std::optional<Item> next(std::stop_token stop);
  std::optional<Item> poll();
  void on_vector(std::function<void()> wake);
  void cancel();

 private:
  std::optional<Item> take();  // with mutex_ held

  std::atomic<bool> cancelled_ = false;

  std::mutex mutex_;
  std::condition_variable_any arrived_;
  // guarded by mutex_
  std::deque<Item> items_;
  std::size_t missing_;  // vectors that have not been pushed
  std::function<void()> wake_;
  bool armed_ = false;  // the reader found nothing: wake it at the next item
};

}  // namespace shimmy::scheduler
