#include "scheduler/outbox.h"

#include <utility>

namespace shimmy::scheduler {

using generation::Event;

Outbox::Outbox(std::size_t capacity, std::function<void()> attention)
    : capacity_(capacity), attention_(std::move(attention)) {}

bool Outbox::has_room() const {
  const std::lock_guard lock(mutex_);
  return events_.size() < capacity_;
}

void Outbox::push(Event event) {
  std::function<void()> wake;
  {
    const std::lock_guard lock(mutex_);
    if (finished_) return;
    finished_ = generation::is_final(event);
    events_.push_back(std::move(event));
    was_full_ = events_.size() >= capacity_;
    if (std::exchange(armed_, false)) wake = wake_;
  }
  arrived_.notify_one();
  if (wake) wake();
}

std::optional<Event> Outbox::next(std::stop_token stop) {
  std::unique_lock lock(mutex_);
  arrived_.wait(lock, stop, [&] { return exhausted_ || !events_.empty(); });
  return take(lock);
}

std::optional<Event> Outbox::poll() {
  std::unique_lock lock(mutex_);
  return take(lock);
}

void Outbox::on_event(std::function<void()> wake) {
  {
    const std::lock_guard lock(mutex_);
    wake_ = wake;
    armed_ = events_.empty() && !exhausted_;
    if (armed_) return;
  }
  if (wake) wake();
}

void Outbox::cancel() {
  cancelled_ = true;
  attention_();
}

std::optional<Event> Outbox::take(std::unique_lock<std::mutex>& lock) {
  if (events_.empty()) {
    armed_ = !exhausted_;
    return std::nullopt;
  }
  std::optional<Event> event(std::move(events_.front()));
  events_.pop_front();
  exhausted_ = generation::is_final(*event);
  const bool has_room_again = was_full_ && events_.size() <= capacity_ / 2;
  if (has_room_again) was_full_ = false;
  lock.unlock();
  if (has_room_again) attention_();
  return event;
}

}  // namespace shimmy::scheduler
