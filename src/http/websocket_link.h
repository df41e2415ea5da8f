// A WebSocket after its upgrade, between the handler and the session: messages, pings, the close
// handshake (RFC 6455).
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "base/log.h"
#include "http/output.h"
#include "http/websocket_reader.h"

namespace shimmy::http {

// The session, as its link sees it. Neither may end the link from inside the call.
class WebSocketHost {
 public:
  virtual ~WebSocketHost() = default;

  // All is said and with the kernel; the connection can be closed. Called once.
  virtual void websocket_ended() = 0;

  // The connection must be closed as it is.
  virtual void cut() = 0;
};

// I/O thread only.
class WebSocketLink : public std::enable_shared_from_this<WebSocketLink> {
 public:
  using TimePoint = std::chrono::steady_clock::time_point;

  struct Rules {
    std::size_t message_bytes = 0;               // of one message that is taken
    std::size_t full_bytes = 0;                  // unsent ones from which on the link is full
    std::chrono::milliseconds ping_period{};     // of silence before a ping; 0: never
    std::chrono::milliseconds close_time{2000};  // for the client to answer a close
  };

  // `host` lives until websocket_ended() was called or gone() calls.
  WebSocketLink(std::shared_ptr<Output> output, const Rules& rules, WebSocketHost* host,
                base::Logger log);

  // The handler's half; the members of WebSocket.
  void send(std::string_view text);
  bool is_full() const;
  void on_drained(std::function<void()> drained);
  void on_message(std::function<void(std::string)> message);
  void on_close(std::function<void()> closed);
  void on_draining(std::function<void()> draining);
  void on_stopping(std::function<void()> stopping);
  void close(std::uint16_t code, std::string_view reason);

  // By the session. Bytes of the client:
  void receive(std::string_view bytes, TimePoint now);
  // Whether it should read on.
  bool wants_more() const { return !is_full(); }
  // The client took bytes.
  void progressed();
  // Pings and deadlines.
  void check(TimePoint now);
  // The server begins to stop; its time is over.
  void drain();
  void stop();
  // The connection is lost.
  void gone();

 private:
  enum class State {
    Open,
    Closing,  // a close was sent, and the client's is awaited
    Ending,   // all is said, but not with the kernel
    Over,
  };

  struct Callbacks {
    std::function<void()> drained;
    std::function<void(std::string)> message;
    std::function<void()> closed;
    std::function<void()> draining;
    std::function<void()> stopping;
  };

  void handle(WebSocketReader::Event event);
  void deliver(std::string text);
  void end();
  void settle();

  const std::shared_ptr<Output> output_;
  const Rules rules_;
  const base::Logger log_;
  WebSocketHost* host_;  // null once ended or gone
  WebSocketReader reader_;
  State state_ = State::Open;
  Callbacks callbacks_;
  bool was_full_ = false;
  TimePoint heard_;     // when the client last sent something
  TimePoint pinged_{};  // when it was last asked to
  TimePoint closing_since_;
};

}  // namespace shimmy::http
