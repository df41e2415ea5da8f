#include "support/fake_websocket.h"

namespace shimmy::support {

void FakeWebSocket::send(std::string_view text) {
  if (!close_code_) sent_.emplace_back(text);
}

void FakeWebSocket::close(http::CloseCode code, std::string_view /*reason*/) {
  if (!close_code_) close_code_ = code;
}

bool FakeWebSocket::work(std::function<void()> task) {
  if (has_workers_) tasks_.post(std::move(task));
  return has_workers_;
}

void FakeWebSocket::drain_output() {
  is_full_ = false;
  if (drained_) drained_();
}

void FakeWebSocket::disconnect() {
  if (const auto closed = std::exchange(closed_, nullptr)) closed();
  drained_ = draining_ = stopping_ = nullptr;
  message_ = nullptr;
}

}  // namespace shimmy::support
