#include "http/turn.h"

#include <chrono>
#include <cstdint>
#include <ctime>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "http/websocket_handshake.h"

namespace shimmy::http {
namespace {

// A producer that writes on regardless of is_full() is cut off at this many times the limit.
constexpr std::size_t kOverrun = 16;

constexpr int kClientWentAway = 499;  // for the log only

}  // namespace

Turn::Turn(std::shared_ptr<Service> service, Request request, Wire wire,
           std::shared_ptr<Output> output, TurnHost* host)
    : service_(std::move(service)),
      request_(std::move(request)),
      wire_(wire),
      output_(std::move(output)),
      host_(host) {}

void Turn::respond(const Response& response) {
  if (status_ != 0 || host_ == nullptr) return;
  std::string bytes = head_bytes(response, Framing::Length, response.body.size());
  if (request_.method != "HEAD" && may_have_body(response.status)) {
    body_bytes_ = response.body.size();
    bytes += response.body;
  }
  is_written_ = true;
  output_->write(bytes);
  settle();
}

bool Turn::start_stream(const Response& head) {
  if (status_ != 0 || host_ == nullptr) return false;
  StreamFraming framing = StreamFraming::Chunked;
  if (wire_.is_http10) {
    framing = StreamFraming::Plain;
    wire_.keeps_alive = false;
  }
  if (request_.method == "HEAD" || !may_have_body(head.status)) framing = StreamFraming::Discard;
  Response complete = head;
  for (const auto& [name, value] :
       {std::pair{"Cache-Control", "no-cache"}, std::pair{"X-Accel-Buffering", "no"}}) {
    complete.headers.push_back({name, value});
  }
  stream_.emplace(output_, framing, service_->limits.stream_buffer_bytes);
  output_->write(head_bytes(complete, wire_.is_http10 ? Framing::Close : Framing::Chunked, 0));
  return true;
}

void Turn::upgrade(std::string_view accept, const WebSocketHandler& handler) {
  if (status_ != 0 || host_ == nullptr) return;
  status_ = 101;
  is_written_ = true;
  is_complete_ = true;
  output_->write(switching_head(accept, request_.id));
  log_access("became a WebSocket");
  std::exchange(host_, nullptr)->turn_upgraded(std::move(request_), handler);
}

std::string Turn::head_bytes(const Response& response, Framing framing, std::size_t length) {
  status_ = response.status;
  wire_.keeps_alive = wire_.keeps_alive && !service_->is_draining;
  return serialised({
      .status = response.status,
      .content_type = may_have_body(response.status) ? response.content_type : std::string_view{},
      .headers = &response.headers,
      .framing = framing,
      .content_length = length,
      .request_id = request_.id,
      .server_name = service_->server_name,
      .now = std::time(nullptr),
      .is_http10 = wire_.is_http10,
      .keeps_alive = wire_.keeps_alive,
  });
}

void Turn::fail(int status, std::string message) {
  if (status_ != 0 || host_ == nullptr) return;
  respond(service_->error_response(request_, status, std::move(message)));
}

void Turn::on_disconnect(std::function<void()> gone) {
  if (is_gone_) {
    gone();
  } else if (host_ != nullptr) {
    gone_ = std::move(gone);
  }
}

void Turn::on_stopping(std::function<void()> stopping) {
  if (host_ != nullptr) stopping_ = std::move(stopping);
}

void Turn::stop() {
  if (host_ == nullptr || is_written_) return;
  if (const std::function<void()> stopping = std::exchange(stopping_, nullptr)) {
    stopping();
    return;
  }
  is_gone_ = true;
  const std::function<void()> gone = std::exchange(gone_, nullptr);
  if (status_ == 0) {
    fail(503, "The server is stopping.");
  } else {
    host_->cut();
  }
  if (gone) gone();
}

void Turn::write(std::string_view bytes) {
  if (!stream_ || host_ == nullptr) return;
  if (output_->pending() > kOverrun * service_->limits.stream_buffer_bytes) {
    service_->log.warning("Stream {} was cut: it was written to long after it was full.",
                          request_.id);
    host_->cut();
  } else {
    stream_->write(bytes);
  }
}

void Turn::on_drained(std::function<void()> drained) {
  if (stream_ && host_ != nullptr) stream_->on_drained(std::move(drained));
}

void Turn::finish() {
  if (!stream_ || host_ == nullptr || is_written_) return;
  is_written_ = true;
  stream_->finish();
  settle();
}

void Turn::abandon_stream() {
  if (host_ != nullptr && !is_written_) host_->cut();
}

void Turn::progressed() {
  if (stream_) stream_->progressed();
  settle();
}

void Turn::settle() {
  if (!is_written_ || host_ == nullptr || output_->is_broken() || output_->pending() != 0) return;
  is_complete_ = true;
  log_access("answered");
  // Goes last: it may hold this turn.
  const std::function<void()> released = std::exchange(gone_, nullptr);
  const std::function<void()> stopping = std::exchange(stopping_, nullptr);
  std::exchange(host_, nullptr)->turn_completed();
}

void Turn::gone() {
  if (host_ == nullptr) return;
  host_ = nullptr;
  is_gone_ = true;
  if (status_ == 0) status_ = kClientWentAway;
  log_access("not finished: the connection was closed");
  if (stream_) stream_->on_drained(nullptr);
  const std::function<void()> stopping = std::exchange(stopping_, nullptr);
  if (const std::function<void()> gone = std::exchange(gone_, nullptr)) gone();
}

void Turn::log_access(std::string_view message) {
  const std::size_t bytes = stream_ ? stream_->body_bytes() : body_bytes_;
  service_->log.write(
      base::LogLevel::Info, message,
      {{"method", request_.method},
       {"path", request_.path},
       {"status", std::int64_t{status_}},
       {"duration_ms", base::milliseconds(std::chrono::steady_clock::now() - began_)},
       {"bytes", static_cast<std::int64_t>(bytes)},
       {"peer", request_.peer},
       {"id", request_.id}});
}

}  // namespace shimmy::http
