// One WebSocket in memory: no network, and tasks run when the test says so.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "http/websocket.h"
#include "support/task_queue.h"

namespace shimmy::support {

// The test's thread stands for the I/O thread and for the workers; post() may be called on any.
class FakeWebSocket final : public http::WebSocket {
 public:
  explicit FakeWebSocket(http::Request request) : request_(std::move(request)) {}

  const http::Request& request() const override { return request_; }
  void send(std::string_view text) override;
  bool is_full() const override { return is_full_; }
  void on_drained(std::function<void()> drained) override { drained_ = std::move(drained); }
  void on_message(std::function<void(std::string)> message) override {
    message_ = std::move(message);
  }
  void on_close(std::function<void()> closed) override { closed_ = std::move(closed); }
  void on_draining(std::function<void()> draining) override { draining_ = std::move(draining); }
  void on_stopping(std::function<void()> stopping) override { stopping_ = std::move(stopping); }
  void close(http::CloseCode code, std::string_view reason) override;
  void post(std::function<void()> task) override { tasks_.post(std::move(task)); }
  void charge(std::int64_t units) override { charged_ += units; }
  bool work(std::function<void()> task) override;

  // What the peer and the server do.
  void receive(std::string text) { message_(std::move(text)); }
  void run_tasks() { tasks_.run(); }
  void fill() { is_full_ = true; }
  void drain_output();
  void lose_workers() { has_workers_ = false; }
  void drain_server() { draining_(); }
  void stop_server() { stopping_(); }
  void disconnect();

  const std::vector<std::string>& sent() const { return sent_; }
  const std::optional<http::CloseCode>& close_code() const { return close_code_; }
  std::int64_t charged() const { return charged_; }

 private:
  const http::Request request_;
  TaskQueue tasks_;
  std::vector<std::string> sent_;
  std::optional<http::CloseCode> close_code_;
  std::int64_t charged_ = 0;
  bool is_full_ = false;
  bool has_workers_ = true;
  std::function<void()> drained_;
  std::function<void(std::string)> message_;
  std::function<void()> closed_;
  std::function<void()> draining_;
  std::function<void()> stopping_;
};

}  // namespace shimmy::support
