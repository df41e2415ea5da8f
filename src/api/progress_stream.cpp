#include "api/progress_stream.h"

#include <utility>

#include "api/replies.h"
#include "protocol/native/model_status.h"

namespace shimmy::api {

namespace native = protocol::native;

std::stop_token stop_with(const std::shared_ptr<http::Exchange>& exchange) {
  std::stop_source source;
  const auto request_stop = [source]() mutable { source.request_stop(); };
  exchange->post([weak = std::weak_ptr(exchange), request_stop] {
    const auto alive = weak.lock();
    if (!alive) return;
    alive->on_disconnect(request_stop);
    alive->on_stopping(request_stop);
  });
  return source.get_token();
}

void ProgressStream::Wire::open(http::Exchange& exchange) {
  if (std::exchange(is_open, true)) return;
  events.open(exchange, [] {});
}

ProgressStream::ProgressStream(std::shared_ptr<http::Exchange> exchange)
    : exchange_(std::move(exchange)) {}

void ProgressStream::progress(std::string_view state, float done) {
  const int hundredths = static_cast<int>(done * 100);
  if (hundredths == std::exchange(shown_, hundredths)) return;
  send(native::encode_progress(state, static_cast<double>(done)));
}

void ProgressStream::send(std::string json) {
  exchange_->post([exchange = exchange_, wire = wire_, json = std::move(json)] {
    wire->open(*exchange);
    wire->events.write(native::encode_event(json));
  });
}

void ProgressStream::finish(std::string json) {
  exchange_->post([exchange = exchange_, wire = wire_, json = std::move(json)] {
    wire->open(*exchange);
    wire->events.finish(native::encode_event(json) + std::string(native::kLastEvent));
  });
}

void ProgressStream::fail(protocol::ErrorReply reply) {
  exchange_->post([exchange = exchange_, wire = wire_, reply = std::move(reply)]() mutable {
    if (!wire->is_open) return exchange->respond(error_response(std::move(reply)));
    wire->events.finish(native::encode_event(reply.body));
  });
}

}  // namespace shimmy::api
