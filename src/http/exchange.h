// One request and the ways to answer it. No type of the network library shows through.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <variant>

#include "http/message.h"

namespace shimmy::http {

// The body of a streamed response. All members on the connection's I/O thread (see Exchange::post);
// the last reference may go anywhere. If it goes before finish(), the connection is cut, so that
// the client can tell that the body is not whole.
class BodyStream {
 public:
  virtual ~BodyStream() = default;

  // Queues bytes and sends what the socket takes now. Ignored once the client is gone or after
  // finish().
  virtual void write(std::string_view bytes) = 0;

  // True while the client has not taken what was written: the caller should stop producing until
  // on_drained. Whoever goes on regardless is cut off at 16 times the limit.
  virtual bool is_full() const = 0;

  // `drained` is called each time the stream stops being full.
  virtual void on_drained(std::function<void()> drained) = 0;

  // Ends the body properly; the connection goes on to its next request.
  virtual void finish() = 0;
};

// A fact about a request for its line in the access log.
struct Note {
  using Value = std::variant<std::string, std::int64_t, double>;

  std::string name;
  Value value;
};

// Held by whoever answers. If the last reference goes without an answer, the client gets a 500.
class Exchange {
 public:
  virtual ~Exchange() = default;

  virtual const Request& request() const = 0;  // constant

  // Sends a whole response. Any thread, once, and not after start_stream.
  virtual void respond(Response response) = 0;

  // Sends the headers of `head` (its body is ignored) and opens a chunked body. I/O thread, once.
  virtual std::shared_ptr<BodyStream> start_stream(Response head) = 0;

  // `gone` is called once, on the I/O thread, when the client disconnects before the answer is
  // complete; at once if that has happened already. I/O thread.
  virtual void on_disconnect(std::function<void()> gone) = 0;

  // `stopping` is called once, on the I/O thread, when the server stops and its grace for requests
  // that are being answered is over: what is said within a second still reaches the client. Without
  // it, what is not answered by then gets a 503 and a stream is cut, which both count as
  // disconnected. I/O thread.
  virtual void on_stopping(std::function<void()> stopping) = 0;

  // Adds a fact to the request's line in the access log. Any thread, before the answer is complete.
  virtual void note(std::string name, Note::Value value) = 0;

  // Counts `units` of work against the client's limit, where there is one. Any thread, any time.
  virtual void charge(std::int64_t units) = 0;

  // Runs `task` on the connection's I/O thread. Any thread. Tasks posted in a burst cost one
  // wake-up of that thread. Once the server has stopped, tasks are dropped.
  virtual void post(std::function<void()> task) = 0;
};

using Handler = std::function<void(std::shared_ptr<Exchange>)>;

}  // namespace shimmy::http
