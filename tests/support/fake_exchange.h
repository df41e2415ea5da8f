// One HTTP exchange in memory: no socket, and the I/O thread's tasks run when the test says so.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <utility>

#include "http/exchange.h"
#include "support/task_queue.h"

namespace shimmy::support {

// What the client has received of a streamed answer.
class FakeBodyStream final : public http::BodyStream {
 public:
  void write(std::string_view bytes) override;
  bool is_full() const override { return is_full_; }
  void on_drained(std::function<void()> drained) override { drained_ = std::move(drained); }
  void finish() override { is_finished_ = true; }

  // A client that stops reading, or takes everything again.
  void fill() { is_full_ = true; }
  void fill_after_writes(std::size_t writes) { writes_until_full_ = writes; }
  void drain();

  const std::string& bytes() const { return bytes_; }
  bool is_finished() const { return is_finished_; }

 private:
  std::string bytes_;
  bool is_full_ = false;
  bool is_finished_ = false;
  std::optional<std::size_t> writes_until_full_;
  std::function<void()> drained_;
};

// The test's thread stands for the I/O thread; post() may be called on any.
class FakeExchange final : public http::Exchange {
 public:
  explicit FakeExchange(http::Request request) : request_(std::move(request)) {}

  const http::Request& request() const override { return request_; }
  void respond(http::Response response) override;
  std::shared_ptr<http::BodyStream> start_stream(http::Response head) override;
  void on_disconnect(std::function<void()> gone) override;
  void on_stopping(std::function<void()> stopping) override { stopping_ = std::move(stopping); }
  void note(std::string name, http::Note::Value value) override;
  void charge(std::int64_t units) override;
  void post(std::function<void()> task) override { tasks_.post(std::move(task)); }

  // Runs what was posted, and what that posts.
  void run_tasks();

  // The server has stopped: what was posted, and all that will be, is dropped.
  void drop_tasks() { tasks_.stop(); }

  // The server's time to finish is over.
  void stop();

  // The client goes away.
  void disconnect();

  // What was answered. respond() after an answer, or twice, shows as is_answered_twice().
  const std::optional<http::Response>& response() const { return response_; }
  const std::optional<http::Response>& stream_head() const { return stream_head_; }
  const std::shared_ptr<FakeBodyStream>& stream() const { return stream_; }
  bool is_answered_twice() const { return is_answered_twice_; }

  // What was said about the request, and what it is to be charged for in all.
  std::map<std::string, http::Note::Value> notes() const;
  std::int64_t charged() const;

 private:
  const http::Request request_;
  std::optional<http::Response> response_;
  std::optional<http::Response> stream_head_;
  std::shared_ptr<FakeBodyStream> stream_;
  std::function<void()> gone_;
  std::function<void()> stopping_;
  TaskQueue tasks_;
  bool is_gone_ = false;
  bool is_answered_twice_ = false;

  // guarded by mutex_
  mutable std::mutex mutex_;
  std::map<std::string, http::Note::Value> notes_;
  std::int64_t charged_ = 0;
};

// A request with this body, of a fixed id.
http::Request post_request(std::string path, std::string body);
http::Request get_request(std::string path);

}  // namespace shimmy::support
