#include "http/turn.h"

#include <array>
#include <chrono>
#include <ctime>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "http/access_log.h"
#include "http/websocket_handshake.h"

namespace shimmy::http {
namespace {

using std::chrono::steady_clock;

// A producer that writes on regardless of is_full() is cut off at this many times the limit.
constexpr std::size_t kOverrun = 16;

constexpr int kClientWentAway = 499;  // for the log only

}  // namespace

Turn::Turn(std::shared_ptr<Service> service, Request request, Wire wire,
           std::shared_ptr<Output> output, TurnHost* host)
    : service_(std::move(service)),
      request_(std::move(request)),
      wire_(std::move(wire)),
      output_(std::move(output)),
      host_(host) {}

void Turn::respond(const Response& response) {
  if (status_ != 0 || host_ == nullptr) return;
  std::string bytes = head_bytes(response, Framing::Length, response.body.size());
  if (request_.method != "HEAD" && may_have_body(response.status)) {
    body_bytes_ = response.body.size();
    if (body_bytes_ != 0) first_byte_ = steady_clock::now();
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
  if (framing != StreamFraming::Discard) heartbeat_ = head.heartbeat;
  last_write_ = steady_clock::now();
  return true;
}

void Turn::upgrade(std::string_view accept, const WebSocketHandler& handler) {
  if (status_ != 0 || host_ == nullptr) return;
  status_ = 101;
  is_written_ = true;
  is_complete_ = true;
  output_->write(switching_head(accept, request_.id));
  log("became a WebSocket");
  std::exchange(host_, nullptr)->turn_upgraded(std::move(request_), handler);
}

std::string Turn::head_bytes(const Response& response, Framing framing, std::size_t length) {
  status_ = response.status;
  wire_.keeps_alive = wire_.keeps_alive && !service_->is_draining;
  std::array<Header, 1> processing;
  if (const std::string& name = service_->processing_header; !name.empty()) {
    const auto span =
        std::chrono::duration_cast<std::chrono::milliseconds>(steady_clock::now() - began_);
    processing = {Header{name, std::to_string(span.count())}};
  }
  return serialised({
      .status = response.status,
      .content_type = may_have_body(response.status) ? response.content_type : std::string_view{},
      // One without a name is left out.
      .headers = {response.headers, wire_.headers, service_->extra_headers, processing},
      .framing = framing,
      .content_length = length,
      .request_id = request_.id,
      .server_name = service_->server_name,
      .now = std::time(nullptr),
      .is_http10 = wire_.is_http10,
      .keeps_alive = wire_.keeps_alive,
  });
}

void Turn::fail(Problem problem) {
  if (status_ != 0 || host_ == nullptr) return;
  respond(service_->error_response(request_, std::move(problem)));
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
    fail(stopping_problem());
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
    last_write_ = steady_clock::now();
    if (first_byte_ == TimePoint{} && !bytes.empty()) first_byte_ = last_write_;
    stream_->write(bytes);
  }
}

void Turn::beat(TimePoint since) {
  // Somebody who does not even take what there is needs no more of it.
  if (!stream_ || heartbeat_.empty() || host_ == nullptr || is_written_ || last_write_ > since ||
      output_->pending() != 0) {
    return;
  }
  last_write_ = steady_clock::now();
  stream_->write(heartbeat_);
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
  log("answered");
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
  if (stream_) stream_->on_drained(nullptr);
  const std::function<void()> stopping = std::exchange(stopping_, nullptr);
  if (const std::function<void()> gone = std::exchange(gone_, nullptr)) gone();
  log("not finished: the connection was closed");  // with what that told of the request
}

void Turn::log(std::string_view message) {
  log_access(service_->log, {.message = message,
                             .request = request_,
                             .status = status_,
                             .bytes = stream_ ? stream_->body_bytes() : body_bytes_,
                             .duration = steady_clock::now() - began_,
                             .first_byte = first_byte_ == TimePoint{} ? TimePoint::duration{}
                                                                      : first_byte_ - began_,
                             .notes = notes_});
}

}  // namespace shimmy::http
