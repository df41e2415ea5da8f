#include "api/event_stream.h"

#include <utility>

#include "http/sse.h"

namespace shimmy::api {

void EventStream::open(http::Exchange& exchange, std::function<void()> go_on) {
  http::Response head;
  head.content_type = http::kSseContentType;
  head.heartbeat = http::kSseHeartbeat;
  body_ = exchange.start_stream(std::move(head));
  body_->on_drained(std::move(go_on));
}

void EventStream::write(std::string_view events) {
  if (!events.empty()) body_->write(events);
}

void EventStream::finish(std::string_view events) {
  write(events);
  body_->finish();
}

}  // namespace shimmy::api
