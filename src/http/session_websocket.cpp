// What a session does once its connection is a WebSocket.
#include <array>
#include <chrono>
#include <cstdint>
#include <exception>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <utility>

#include "http/live_websocket.h"
#include "http/session.h"

namespace shimmy::http {
namespace {

using std::chrono::steady_clock;

constexpr std::size_t kMessageRead = std::size_t{16} << 10U;

}  // namespace

void Session::turn_upgraded(Request request, const WebSocketHandler& handler) {
  const Limits& limits = around_.service->limits;
  enter(Phase::WebSocket);
  websocket_ =
      std::make_shared<WebSocketLink>(output_,
                                      WebSocketLink::Rules{.message_bytes = limits.websocket_bytes,
                                                           .full_bytes = limits.stream_buffer_bytes,
                                                           .ping_period = limits.ping_time},
                                      this, around_.service->log);
  try {
    handler(make_websocket(around_.service, around_.thread, websocket_, std::move(request)));
  } catch (const std::exception& error) {
    around_.service->log.error("The handler of a WebSocket threw: {}.", error.what());
    websocket_->close(static_cast<std::uint16_t>(CloseCode::InternalError),
                      "The socket failed because of a bug in the server.");
  }
  // Later, as this may be inside begin_turn().
  around_.thread->post([self = shared_from_this()] {
    if (self->phase_ != Phase::WebSocket) return;
    const std::string sent_ahead = std::exchange(self->input_, {});
    self->turn_.reset();
    self->websocket_->receive(sent_ahead, steady_clock::now());
    self->watch();
  });
}

void Session::websocket_ended() {
  // The client may still be sending what nobody will read.
  must_linger_ = true;
  around_.thread->post([self = shared_from_this()] {
    if (self->phase_ == Phase::WebSocket) self->spawn(self->say_goodbye());
  });
}

void Session::look_for_messages() {
  std::array<char, kMessageRead> bytes;  // NOLINT(*-member-init): read into
  const std::optional<std::size_t> size = transport_->try_read(std::span(bytes));
  if (size == 0) {
    close();
    return;
  }
  if (size) websocket_->receive({bytes.data(), *size}, steady_clock::now());
  if (websocket_ && websocket_->wants_more()) watch();
}

}  // namespace shimmy::http
