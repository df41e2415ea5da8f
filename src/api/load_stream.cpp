#include "api/load_stream.h"

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

void LoadStream::Wire::open(http::Exchange& exchange) {
  if (std::exchange(is_open, true)) return;
  events.open(exchange, [] {});
}

LoadStream::LoadStream(std::shared_ptr<http::Exchange> exchange) : exchange_(std::move(exchange)) {}

void LoadStream::progress(std::string_view state, float done) {
  const int hundredths = static_cast<int>(done * 100);
  if (hundredths == std::exchange(shown_, hundredths)) return;
  exchange_->post([exchange = exchange_, wire = wire_,
                   event = native::encode_progress_event(state, static_cast<double>(done))] {
    wire->open(*exchange);
    wire->events.write(event);
  });
}

void LoadStream::finish(std::string json) {
  exchange_->post([exchange = exchange_, wire = wire_, json = std::move(json)] {
    wire->open(*exchange);
    wire->events.finish(native::encode_event(json) + std::string(native::kLastEvent));
  });
}

void LoadStream::fail(protocol::ErrorReply reply) {
  exchange_->post([exchange = exchange_, wire = wire_, reply = std::move(reply)]() mutable {
    if (!wire->is_open) return exchange->respond(error_response(std::move(reply)));
    wire->events.finish(native::encode_event(reply.body));
  });
}

}  // namespace shimmy::api
