// One WebSocket and how to talk over it. No type of the network library shows through.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "http/message.h"

namespace shimmy::http {

// Why a WebSocket ends, for the peer (RFC 6455 7.4.1). 4000 to 4999 are the application's own.
enum class CloseCode : std::uint16_t {
  Normal = 1000,
  GoingAway = 1001,
  PolicyViolation = 1008,
  MessageTooBig = 1009,
  InternalError = 1011,
  TryAgainLater = 1013,
};

// Text messages both ways; pings, fragments and the close handshake are http/'s business. All
// members on the connection's I/O thread, but for request() and the last three. Callbacks are
// called there, and let go when the socket has ended. If the last reference to this object goes
// before close(), the client is told InternalError.
class WebSocket {
 public:
  virtual ~WebSocket() = default;

  // The one that was upgraded; constant.
  virtual const Request& request() const = 0;

  // Queues one text message, which must be UTF-8, and sends what the socket takes now. Ignored once
  // the client is gone or after close().
  virtual void send(std::string_view text) = 0;

  // True while the client has not taken what was sent: the caller should stop until on_drained, and
  // nothing is read meanwhile. Whoever goes on regardless is cut off at 16 times the limit.
  virtual bool is_full() const = 0;

  // `drained` is called each time the socket stops being full.
  virtual void on_drained(std::function<void()> drained) = 0;

  // `message` is called with each text message. To be set by the handler, before it returns:
  // messages that come when there is none are dropped. If it throws, the client is told
  // InternalError.
  virtual void on_message(std::function<void(std::string text)> message) = 0;

  // `closed` is called once, when the client has closed or is lost, or when close() is through; at
  // once if that has happened already.
  virtual void on_close(std::function<void()> closed) = 0;

  // `draining` is called when the server begins to stop: finish what goes on, then close. Without
  // it the socket is closed then.
  virtual void on_draining(std::function<void()> draining) = 0;

  // `stopping` is called when the server's time to finish is over: what it sends are the last
  // words, as the socket is closed afterwards.
  virtual void on_stopping(std::function<void()> stopping) = 0;

  // Closes after what was sent before; messages that still come are dropped. `reason` is for
  // people, 123 bytes at most.
  virtual void close(CloseCode code, std::string_view reason) = 0;

  // As Exchange::post. Any thread.
  virtual void post(std::function<void()> task) = 0;

  // Counts `units` of work against the client's limit, where there is one. Any thread.
  virtual void charge(std::int64_t units) = 0;

  // Runs `task` on a worker thread, for what would hold up the I/O thread. False: the workers have
  // more to do than they can take, and the task was dropped. Any thread.
  virtual bool work(std::function<void()> task) = 0;
};

// Called on the I/O thread; must not block. If it throws, the client is told InternalError.
using WebSocketHandler = std::function<void(std::shared_ptr<WebSocket>)>;

}  // namespace shimmy::http
