#include "base/waiting.h"

#include <utility>

namespace shimmy::base {
namespace {

thread_local WaitListener* listener_of_thread = nullptr;

}  // namespace

void set_wait_listener(WaitListener* listener) { listener_of_thread = listener; }

// An inner wait finds no listener.
Waiting::Waiting() : listener_(std::exchange(listener_of_thread, nullptr)) {
  if (listener_ != nullptr) listener_->began_waiting();
}

Waiting::~Waiting() {
  if (listener_ == nullptr) return;
  listener_->ended_waiting();
  listener_of_thread = listener_;
}

}  // namespace shimmy::base
