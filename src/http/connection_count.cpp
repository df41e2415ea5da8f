#include "http/connection_count.h"

#include <chrono>
#include <condition_variable>
#include <memory>
#include <mutex>

namespace shimmy::http {

struct ConnectionCount::State {
  std::mutex mutex;
  std::condition_variable changed;
  std::size_t open = 0;  // guarded by mutex
};

ConnectionCount::ConnectionCount() : state_(std::make_shared<State>()) {}

ConnectionCount::~ConnectionCount() = default;

ConnectionCount::Token ConnectionCount::enter() {
  {
    const std::lock_guard lock(state_->mutex);
    ++state_->open;
  }
  return {nullptr, [state = state_](void*) {
            {
              const std::lock_guard lock(state->mutex);
              --state->open;
            }
            state->changed.notify_all();
          }};
}

std::size_t ConnectionCount::open() const {
  const std::lock_guard lock(state_->mutex);
  return state_->open;
}

bool ConnectionCount::wait_for_none(std::chrono::milliseconds span) const {
  std::unique_lock lock(state_->mutex);
  return state_->changed.wait_for(lock, span, [&] { return state_->open == 0; });
}

}  // namespace shimmy::http
