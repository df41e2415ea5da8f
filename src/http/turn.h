// One request and its answer, between the handler and the session.
#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "http/exchange.h"
#include "http/message.h"
#include "http/output.h"
#include "http/response_head.h"
#include "http/service.h"
#include "http/stream_body.h"

namespace shimmy::http {

// The session, as its turn sees it.
class TurnHost {
 public:
  virtual ~TurnHost() = default;

  // The answer is complete and with the kernel.
  virtual void turn_completed() = 0;

  // The answer was written and makes the connection a WebSocket; there will be no other turn.
  virtual void turn_upgraded(Request request, const WebSocketHandler& handler) = 0;

  // The connection must be closed, but not from inside this call.
  virtual void cut() = 0;
};

// I/O thread only, but for request().
class Turn {
 public:
  using TimePoint = std::chrono::steady_clock::time_point;

  struct Wire {
    bool is_http10 = false;
    bool keeps_alive = true;
    std::vector<Header> headers{};  // of the answer, whatever it will be
  };

  // `host` lives until turn_completed() was called or gone() calls.
  Turn(std::shared_ptr<Service> service, Request request, Wire wire, std::shared_ptr<Output> output,
       TurnHost* host);

  const Request& request() const { return request_; }  // constant but for set_captures()
  void set_captures(std::vector<std::string> captures) { request_.captures = std::move(captures); }

  // All ignored when they come too late.
  void respond(const Response& response);
  bool start_stream(const Response& head);  // false: too late, there is no stream
  void on_disconnect(std::function<void()> gone);
  void on_stopping(std::function<void()> stopping);

  // Agrees to a WebSocket. `handler` lives as long as the service.
  void upgrade(std::string_view accept, const WebSocketHandler& handler);

  // Responds with the caller's error body if nothing else was answered.
  void fail(Problem problem);

  void note(Note note) { notes_.push_back(std::move(note)); }

  // The stream's half; the members of BodyStream.
  void write(std::string_view bytes);
  bool is_full() const { return stream_ && stream_->is_full(); }
  void on_drained(std::function<void()> drained);
  void finish();

  // The stream was dropped: unless finished, the client must see that it is not whole.
  void abandon_stream();

  // By the session: the client took bytes; the time to answer is over; the client is gone; a stream
  // that was quiet since `since` needs a sign of life.
  void progressed();
  void stop();
  void gone();
  void beat(TimePoint since);

  bool is_complete() const { return is_complete_; }
  bool keeps_alive() const { return wire_.keeps_alive; }
  bool is_http10() const { return wire_.is_http10; }

 private:
  std::string head_bytes(const Response& response, Framing framing, std::size_t length);
  void settle();
  void log(std::string_view message);

  const std::shared_ptr<Service> service_;
  Request request_;
  Wire wire_;
  const std::shared_ptr<Output> output_;
  const TimePoint began_ = std::chrono::steady_clock::now();
  TurnHost* host_;  // null once complete or gone
  std::optional<StreamBody> stream_;
  std::string heartbeat_;   // of the stream; empty: none
  TimePoint last_write_{};  // to the stream
  TimePoint first_byte_{};  // of the body; unset: none yet
  std::vector<Note> notes_;
  std::function<void()> gone_;
  std::function<void()> stopping_;
  int status_ = 0;  // 0: not answered yet
  std::size_t body_bytes_ = 0;
  bool is_written_ = false;   // all of the answer is in output_
  bool is_complete_ = false;  // and taken by the client
  bool is_gone_ = false;
};

}  // namespace shimmy::http
