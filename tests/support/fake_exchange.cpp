#include "support/fake_exchange.h"

#include <utility>

namespace shimmy::support {

void FakeBodyStream::write(std::string_view bytes) {
  if (is_finished_) return;
  bytes_ += bytes;
  if (writes_until_full_ && (*writes_until_full_)-- <= 1) {
    is_full_ = true;
    writes_until_full_.reset();
  }
}

void FakeBodyStream::drain() {
  if (std::exchange(is_full_, false) && drained_) drained_();
}

void FakeExchange::respond(http::Response response) {
  is_answered_twice_ = is_answered_twice_ || response_ || stream_;
  response_ = std::move(response);
}

std::shared_ptr<http::BodyStream> FakeExchange::start_stream(http::Response head) {
  is_answered_twice_ = is_answered_twice_ || response_ || stream_;
  stream_head_ = std::move(head);
  stream_ = std::make_shared<FakeBodyStream>();
  return stream_;
}

void FakeExchange::on_disconnect(std::function<void()> gone) {
  if (is_gone_) {
    gone();
  } else {
    gone_ = std::move(gone);
  }
}

void FakeExchange::note(std::string name, http::Note::Value value) {
  const std::lock_guard lock(mutex_);
  notes_.insert_or_assign(std::move(name), std::move(value));
}

void FakeExchange::charge(std::int64_t units) {
  const std::lock_guard lock(mutex_);
  charged_ += units;
}

std::map<std::string, http::Note::Value> FakeExchange::notes() const {
  const std::lock_guard lock(mutex_);
  return notes_;
}

std::int64_t FakeExchange::charged() const {
  const std::lock_guard lock(mutex_);
  return charged_;
}

void FakeExchange::run_tasks() {
  tasks_.run();
  // As the server does once the answer is complete.
  if (response_ || (stream_ && stream_->is_finished())) gone_ = stopping_ = nullptr;
}

void FakeExchange::stop() {
  if (const auto stopping = std::exchange(stopping_, nullptr)) stopping();
}

void FakeExchange::disconnect() {
  is_gone_ = true;
  if (const auto gone = std::exchange(gone_, nullptr)) gone();
}

http::Request post_request(std::string path, std::string body) {
  http::Request request;
  request.id = "req_0123456789abcdef0123456789abcdef";
  request.method = "POST";
  request.path = std::move(path);
  request.body = std::move(body);
  return request;
}

http::Request get_request(std::string path) {
  http::Request request = post_request(std::move(path), {});
  request.method = "GET";
  return request;
}

}  // namespace shimmy::support
