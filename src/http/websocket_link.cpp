#include "http/websocket_link.h"

#include <chrono>
#include <cstdint>
#include <exception>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "http/websocket.h"
#include "http/websocket_frame.h"

namespace shimmy::http {
namespace {

using std::chrono::steady_clock;

// A producer that sends on regardless of is_full() is cut off at this many times the limit.
constexpr std::size_t kOverrun = 16;

constexpr std::uint16_t kNoCode = 1005;  // stands for a close frame without one; never sent

constexpr auto kGoingAway = static_cast<std::uint16_t>(CloseCode::GoingAway);
constexpr auto kInternalError = static_cast<std::uint16_t>(CloseCode::InternalError);

void call(std::function<void()>& callback) {
  // Taken out, as it may set another one or hold what holds it.
  if (const std::function<void()> once = std::exchange(callback, nullptr)) once();
}

}  // namespace

WebSocketLink::WebSocketLink(std::shared_ptr<Output> output, const Rules& rules,
                             WebSocketHost* host, base::Logger log)
    : output_(std::move(output)),
      rules_(rules),
      log_(std::move(log)),
      host_(host),
      reader_(rules.message_bytes),
      heard_(steady_clock::now()) {}

void WebSocketLink::send(std::string_view text) {
  if (state_ != State::Open) return;
  if (output_->pending() > kOverrun * rules_.full_bytes) {
    log_.warning("A WebSocket was cut: it was written to long after it was full.");
    host_->cut();
    return;
  }
  output_->write(websocket_frame(Opcode::Text, text));
  was_full_ = was_full_ || is_full();
}

bool WebSocketLink::is_full() const {
  return state_ == State::Open && !output_->is_broken() && output_->pending() >= rules_.full_bytes;
}

void WebSocketLink::on_drained(std::function<void()> drained) {
  if (state_ == State::Open) callbacks_.drained = std::move(drained);
}

void WebSocketLink::on_message(std::function<void(std::string)> message) {
  if (state_ == State::Open) callbacks_.message = std::move(message);
}

void WebSocketLink::on_close(std::function<void()> closed) {
  if (state_ == State::Open || state_ == State::Closing) {
    callbacks_.closed = std::move(closed);
  } else {
    closed();
  }
}

void WebSocketLink::on_draining(std::function<void()> draining) {
  if (state_ == State::Open) callbacks_.draining = std::move(draining);
}

void WebSocketLink::on_stopping(std::function<void()> stopping) {
  if (state_ == State::Open) callbacks_.stopping = std::move(stopping);
}

void WebSocketLink::close(std::uint16_t code, std::string_view reason) {
  if (state_ != State::Open) return;
  state_ = State::Closing;
  closing_since_ = steady_clock::now();
  output_->write(close_frame(code, reason));
}

void WebSocketLink::receive(std::string_view bytes, TimePoint now) {
  const std::shared_ptr<WebSocketLink> self = shared_from_this();
  heard_ = now;
  while (state_ == State::Open || state_ == State::Closing) {
    std::optional<WebSocketReader::Event> event = reader_.next(bytes);
    if (!event) return;
    handle(std::move(*event));
  }
}

void WebSocketLink::handle(WebSocketReader::Event event) {
  using Kind = WebSocketReader::Kind;
  const bool is_open = state_ == State::Open;
  switch (event.kind) {
    case Kind::Text:
      if (is_open) deliver(std::move(event.payload));
      return;
    case Kind::Ping:
      if (is_open) output_->write(websocket_frame(Opcode::Pong, event.payload));
      was_full_ = was_full_ || is_full();
      return;
    case Kind::Pong: return;
    case Kind::Close:
      if (is_open) {
        output_->write(event.code == kNoCode ? websocket_frame(Opcode::Close, {})
                                             : close_frame(event.code, {}));
      }
      end();
      return;
    case Kind::Failure:
      log_.debug("A WebSocket client broke the rules: {}", event.payload);
      if (is_open) output_->write(close_frame(event.code, event.payload));
      end();
      return;
  }
}

void WebSocketLink::deliver(std::string text) {
  // A copy, as the callback may set another one.
  const std::function<void(std::string)> message = callbacks_.message;
  if (!message) return;
  try {
    message(std::move(text));
  } catch (const std::exception& error) {
    log_.error("The handler of a WebSocket message threw: {}.", error.what());
    close(kInternalError, "The message failed because of a bug in the server.");
  }
}

void WebSocketLink::progressed() {
  const std::shared_ptr<WebSocketLink> self = shared_from_this();
  if (was_full_ && !is_full()) {
    was_full_ = false;
    if (const std::function<void()> drained = callbacks_.drained) drained();
  }
  settle();
}

void WebSocketLink::check(TimePoint now) {
  if (host_ == nullptr) return;
  if (state_ == State::Closing && now >= closing_since_ + rules_.close_time) end();
  if (state_ != State::Open || rules_.ping_period.count() == 0) return;
  if (is_full()) heard_ = now;  // nobody listens
  if (now < heard_ + rules_.ping_period) return;
  if (pinged_ <= heard_) {
    pinged_ = now;
    output_->write(websocket_frame(Opcode::Ping, {}));
  } else if (now >= pinged_ + rules_.ping_period) {
    log_.info("A WebSocket client does not answer any more.");
    host_->cut();
  }
}

void WebSocketLink::drain() {
  if (callbacks_.draining) {
    call(callbacks_.draining);
  } else {
    close(kGoingAway, "The server is stopping.");
  }
}

void WebSocketLink::stop() {
  call(callbacks_.stopping);
  close(kGoingAway, "The server is stopping.");
}

void WebSocketLink::gone() {
  if (host_ == nullptr) return;
  host_ = nullptr;
  end();
  state_ = State::Over;
}

// Nothing more is read, and nothing more will be written.
void WebSocketLink::end() {
  if (state_ != State::Open && state_ != State::Closing) return;
  state_ = State::Ending;
  // The rest goes last: it may hold this link.
  Callbacks last = std::exchange(callbacks_, {});
  call(last.closed);
  settle();
}

void WebSocketLink::settle() {
  if (state_ != State::Ending || host_ == nullptr || output_->pending() != 0) return;
  state_ = State::Over;
  std::exchange(host_, nullptr)->websocket_ended();
}

}  // namespace shimmy::http
