#include "scheduler/vector_outbox.h"

#include <utility>

namespace shimmy::scheduler {

void VectorOutbox::push(Item item) {
  std::function<void()> wake;
  {
    const std::lock_guard lock(mutex_);
    if (missing_ == 0) return;
    missing_ = item ? missing_ - 1 : 0;
    items_.push_back(std::move(item));
    if (std::exchange(armed_, false)) wake = wake_;
  }
  arrived_.notify_one();
  if (wake) wake();
}

std::optional<VectorOutbox::Item> VectorOutbox::take() {
  if (items_.empty()) return std::nullopt;
  std::optional<Item> item(std::move(items_.front()));
  items_.pop_front();
  return item;
}

std::optional<VectorOutbox::Item> VectorOutbox::next(std::stop_token stop) {
  std::unique_lock lock(mutex_);
  arrived_.wait(lock, std::move(stop), [&] { return missing_ == 0 || !items_.empty(); });
  return take();
}

std::optional<VectorOutbox::Item> VectorOutbox::poll() {
  const std::lock_guard lock(mutex_);
  armed_ = items_.empty() && wake_;
  return take();
}

void VectorOutbox::on_vector(std::function<void()> wake) {
  bool is_waiting = false;
  {
    const std::lock_guard lock(mutex_);
    is_waiting = !items_.empty();
    armed_ = !is_waiting;
    wake_ = wake;
  }
  if (is_waiting) wake();
}

void VectorOutbox::cancel() {
  cancelled_.store(true, std::memory_order_relaxed);
  const std::lock_guard lock(mutex_);
  wake_ = nullptr;
  armed_ = false;
}

}  // namespace shimmy::scheduler
