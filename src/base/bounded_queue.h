// A first-in, first-out queue between threads with a fixed capacity and an end.
#pragma once

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <mutex>
#include <optional>
#include <stop_token>
#include <utility>

namespace shimmy::base {

enum class PushResult { Pushed, Full, Closed };

// Any thread may call any member. A full queue refuses instead of waiting: the caller decides what
// overload means.
template <class T>
class BoundedQueue {
 public:
  explicit BoundedQueue(std::size_t capacity) : capacity_(capacity) {}

  // `item` is moved from only when the result is Pushed.
  PushResult try_push(T&& item) {
    {
      const std::lock_guard lock(mutex_);
      if (closed_) return PushResult::Closed;
      if (items_.size() >= capacity_) return PushResult::Full;
      items_.push_back(std::move(item));
    }
    changed_.notify_one();
    return PushResult::Pushed;
  }

  // Never blocks. Empty when nothing is queued.
  std::optional<T> try_pop() {
    const std::lock_guard lock(mutex_);
    return take();
  }

  // Blocks for the next item. Empty once the queue is closed and used up, or when `stop` is
  // requested while nothing is queued.
  std::optional<T> pop(const std::stop_token& stop = {}) {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, stop, [&] { return closed_ || !items_.empty(); });
    return take();
  }

  // Refuses further items and wakes everybody who waits; what is queued can still be taken.
  void close() {
    {
      const std::lock_guard lock(mutex_);
      closed_ = true;
    }
    changed_.notify_all();
  }

  bool is_closed() const {
    const std::lock_guard lock(mutex_);
    return closed_;
  }

  std::size_t size() const {
    const std::lock_guard lock(mutex_);
    return items_.size();
  }

  std::size_t capacity() const { return capacity_; }

 private:
  std::optional<T> take() {
    if (items_.empty()) return std::nullopt;
    std::optional<T> item(std::move(items_.front()));
    items_.pop_front();
    return item;
  }

  const std::size_t capacity_;
  mutable std::mutex mutex_;
  std::condition_variable_any changed_;
  std::deque<T> items_;  // guarded by mutex_
  bool closed_ = false;  // guarded by mutex_
};

}  // namespace shimmy::base
