// The bounded queue of events between the engine's thread and whoever holds a Generation.
#pragma once

#include <atomic>
#include <condition_variable>
#include <cstddef>
#include <deque>
#include <functional>
#include <mutex>
#include <optional>
#include <stop_token>

#include "generation/event.h"

namespace shimmy::scheduler {

// Shared by both sides and outlives either. While it is full the planner leaves its sequence out,
// so a slow reader slows only itself.
class Outbox {
 public:
  // `attention` is called, on the reader's thread, when the engine should look again: the reader is
  // gone, or a full outbox has been half emptied. It must not block.
  Outbox(std::size_t capacity, std::function<void()> attention);

  // Engine's side, one thread.
  bool has_room() const;
  void push(generation::Event
                event);  // final events always fit; everything after a final event is dropped
  bool is_cancelled() const { return cancelled_.load(std::memory_order_relaxed); }

  // Reader's side, one thread.
  std::optional<generation::Event> next(std::stop_token stop);
  std::optional<generation::Event> poll();
  void on_event(std::function<void()> wake);
  void cancel();

 private:
  std::optional<generation::Event> take(std::unique_lock<std::mutex>& lock);

  const std::size_t capacity_;
  const std::function<void()> attention_;
  std::atomic<bool> cancelled_ = false;

  mutable std::mutex mutex_;
  std::condition_variable_any arrived_;
  // guarded by mutex_
  std::deque<generation::Event> events_;
  std::function<void()> wake_;
  bool armed_ = false;      // the reader found nothing: wake it at the next event
  bool was_full_ = false;   // the engine has seen it full and waits for room
  bool finished_ = false;   // the final event was pushed
  bool exhausted_ = false;  // the final event was taken
};

}  // namespace shimmy::scheduler
