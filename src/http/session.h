// One connection: reads requests, has them answered one after the other, and notices when the
// client goes.
#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <string>

#include "http/address_count.h"
#include "http/connection_count.h"
#include "http/io_thread.h"
#include "http/middleware.h"
#include "http/network.h"
#include "http/output.h"
#include "http/request_ids.h"
#include "http/request_reader.h"
#include "http/service.h"
#include "http/transport.h"
#include "http/turn.h"
#include "http/websocket_link.h"

namespace shimmy::http {

// I/O thread only. Reading is a coroutine that ends while a request is being answered, so that a
// stream costs no parser and no read buffer. A client that ends its side of the connection is taken
// for gone, even if it could still read: no known client does that and wants an answer.
class Session final : public TurnHost,
                      public WebSocketHost,
                      public std::enable_shared_from_this<Session> {
 public:
  using TimePoint = std::chrono::steady_clock::time_point;

  // What a session needs from its surroundings.
  struct Surroundings {
    std::shared_ptr<Service> service;
    std::shared_ptr<IoThread> thread;
    std::shared_ptr<RequestIds> ids;
    AddressCount::Token place;  // among the connections of its address; null: there was none left
    std::function<void(Session*)> closed;  // called once, from close()
  };

  Session(Surroundings surroundings, std::shared_ptr<Transport> transport,
          ConnectionCount::Token token);

  void start();

  // Acts on a deadline that has passed.
  void check_deadline(TimePoint now);

  // The server begins to stop: closes unless there is a request or a WebSocket to finish.
  void drain();

  // The time to finish is over: says so to whoever answers, or else to the client.
  void stop();

  // Writes on the stream that is going on, if nothing was written on it since.
  void beat(TimePoint since);

  // At once; a turn that is going on loses its client.
  void close();

  void turn_completed() override;
  void turn_upgraded(Request request, const WebSocketHandler& handler) override;
  void websocket_ended() override;
  void cut() override;

 private:
  // What the connection waits for, which decides about its deadline.
  enum class Phase { Handshake, Idle, Head, Body, Answering, WebSocket, Lingering, Closed };

  void enter(Phase phase);
  void spawn(Task<> task);
  Task<> run();
  Task<bool> read_request(RequestReader& reader);
  Task<bool> read_more(RequestReader& reader);
  void advance(RequestReader& reader);
  void take(RequestReader& reader);
  void admit(RequestReader& reader);
  void begin_turn(RequestReader& reader);
  Task<> say_goodbye();
  void progressed();
  void watch();
  void look();
  void look_ahead();
  void look_for_messages();
  bool has_paused_too_long(TimePoint now) const;
  void report_timeout(RequestReader& reader) const;

  Surroundings around_;
  const std::shared_ptr<Transport> transport_;
  ConnectionCount::Token token_;
  std::shared_ptr<Output> output_;
  std::string input_;                         // read, but not yet taken by a request
  std::shared_ptr<Turn> turn_;                // the request being answered
  std::shared_ptr<WebSocketLink> websocket_;  // from the upgrade on
  Phase phase_ = Phase::Handshake;
  Verdict verdict_;     // of the chain, on the request being read
  TimePoint deadline_;  // of the phase
  TimePoint last_read_;
  bool has_timed_out_ = false;
  bool is_stopping_ = false;   // and that was the reason
  bool is_beginning_ = false;  // inside begin_turn(): the coroutine goes on by itself
  bool is_watching_ = false;   // a when_readable() is outstanding
  bool must_linger_ = false;   // the client may still be sending what nobody will read
};

}  // namespace shimmy::http
