#include "http/session.h"

#include <fmt/core.h>

#include <algorithm>
#include <boost/asio/co_spawn.hpp>
#include <chrono>
#include <exception>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include "http/dispatch.h"

namespace shimmy::http {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

constexpr std::size_t kHeadRead = std::size_t{4} << 10U;
constexpr std::size_t kBodyRead = std::size_t{64} << 10U;

// Requests sent ahead are kept up to here while one is being answered; beyond, they wait in the
// socket, and the client's going is then only noticed by writing.
constexpr std::size_t kReadAhead = std::size_t{16} << 10U;

// How long, and for how many bytes, a client is listened to that gets an error before it has sent
// everything. Closing at once would reset the connection, and the client might never see the error.
constexpr milliseconds kLingerTime{2000};
constexpr std::size_t kLingerBytes = std::size_t{32}
                                     << 20U;  // more than a WebSocket message may have

Problem too_many_connections() {
  return {.status = 429,
          .message =
              "This address has too many connections open; close some, or use them for "
              "several requests.",
          .code = "too_many_connections",
          .headers = {{"Retry-After", "1"}}};
}

Problem timeout(std::string_view part, std::string_view how, milliseconds span) {
  return {
      .status = 408,
      .message = fmt::format("The request's {} did not arrive {} {} ms.", part, how, span.count())};
}

}  // namespace

Session::Session(Surroundings surroundings, std::shared_ptr<Transport> transport,
                 ConnectionCount::Token token)
    : around_(std::move(surroundings)),
      transport_(std::move(transport)),
      token_(std::move(token)) {}

void Session::start() {
  const std::weak_ptr<Session> weak = weak_from_this();
  output_ =
      std::make_shared<Output>(transport_, Output::Listener{.progressed =
                                                                [weak] {
                                                                  if (const auto self = weak.lock())
                                                                    self->progressed();
                                                                },
                                                            .broken =
                                                                [weak] {
                                                                  if (const auto self = weak.lock())
                                                                    self->cut();
                                                                }});
  enter(Phase::Handshake);
  spawn(run());
}

void Session::enter(Phase phase) {
  const Limits& limits = around_.service->limits;
  phase_ = phase;
  has_timed_out_ = false;
  milliseconds span{};
  switch (phase) {
    case Phase::Handshake:
    case Phase::Head: span = limits.header_time; break;
    case Phase::Idle: span = limits.idle_time; break;
    case Phase::Body: span = limits.body_time; break;
    case Phase::Lingering: span = kLingerTime; break;
    case Phase::Answering:
    case Phase::WebSocket:
    case Phase::Closed: return;
  }
  deadline_ = steady_clock::now() + span;
}

void Session::check_deadline(TimePoint now) {
  switch (phase_) {
    case Phase::WebSocket: websocket_->check(now); [[fallthrough]];
    case Phase::Answering:
      if (output_->pending() != 0 &&
          now >= output_->stalled_since() + around_.service->limits.write_time) {
        close();
      }
      return;
    case Phase::Head:
    case Phase::Body:
      if (has_timed_out_ || (now < deadline_ && !has_paused_too_long(now))) return;
      has_timed_out_ = true;
      transport_->cancel();
      return;
    case Phase::Handshake:
    case Phase::Idle:
    case Phase::Lingering:
      if (now >= deadline_) close();
      return;
    case Phase::Closed: return;
  }
}

void Session::drain() {
  switch (phase_) {
    case Phase::Handshake:
    case Phase::Idle: close(); return;
    case Phase::WebSocket: websocket_->drain(); return;
    case Phase::Head:
    case Phase::Body:
    case Phase::Answering:
    case Phase::Lingering:
    case Phase::Closed: return;
  }
}

void Session::stop() {
  switch (phase_) {
    case Phase::Handshake:
    case Phase::Idle:
    case Phase::Lingering: close(); return;
    case Phase::Head:
    case Phase::Body:
      is_stopping_ = true;
      has_timed_out_ = true;
      transport_->cancel();
      return;
    case Phase::Answering: turn_->stop(); return;
    case Phase::WebSocket: websocket_->stop(); return;
    case Phase::Closed: return;
  }
}

bool Session::has_paused_too_long(TimePoint now) const {
  return phase_ == Phase::Body && now >= last_read_ + around_.service->limits.body_pause;
}

void Session::beat(TimePoint since) {
  if (turn_) turn_->beat(since);
}

void Session::close() {
  if (phase_ == Phase::Closed) return;
  const std::shared_ptr<Session> self = shared_from_this();
  phase_ = Phase::Closed;
  output_->close();
  transport_->close();
  if (const std::shared_ptr<Turn> turn = std::exchange(turn_, nullptr)) turn->gone();
  if (const std::shared_ptr<WebSocketLink> link = std::exchange(websocket_, nullptr)) link->gone();
  token_.reset();
  around_.place.reset();
  around_.closed(this);
}

void Session::cut() {
  around_.thread->post([self = shared_from_this()] { self->close(); });
}

void Session::turn_completed() {
  if (!is_beginning_) spawn(run());
}

void Session::spawn(Task<> task) {
  asio::co_spawn(around_.thread->context().get_executor(), std::move(task),
                 [self = shared_from_this()](const std::exception_ptr& failure) {
                   if (!failure) return;
                   try {
                     std::rethrow_exception(failure);
                   } catch (const std::exception& error) {
                     self->around_.service->log.error("A connection failed: {}.", error.what());
                   }
                   self->close();
                 });
}

Task<> Session::run() {
  const std::shared_ptr<Session> self = shared_from_this();
  if (phase_ == Phase::Handshake) {
    const bool is_ready = co_await transport_->handshake();
    if (!is_ready) close();
  }
  while (phase_ != Phase::Closed) {
    if (turn_) {
      const bool keeps_alive = turn_->keeps_alive() && !around_.service->is_draining;
      turn_.reset();
      if (!keeps_alive) {
        co_await say_goodbye();
        co_return;
      }
    }
    // On the heap: g++ 12 sees a mismatched delete in the frame that would hold it.
    const auto reader = std::make_unique<RequestReader>(around_.service->limits);
    const bool is_read = co_await read_request(*reader);
    if (!is_read) close();
    if (phase_ == Phase::Closed) co_return;
    begin_turn(*reader);
    if (phase_ == Phase::WebSocket) co_return;
    if (turn_ && !turn_->is_complete()) {
      watch();
      co_return;
    }
  }
}

// True with a whole request or a failure to report; false when there is nobody to answer.
Task<bool> Session::read_request(RequestReader& reader) {
  enter(Phase::Idle);
  verdict_ = {};
  if (!around_.place) {
    reader.fail(too_many_connections());
    co_return true;
  }
  if (input_.capacity() > kBodyRead && input_.size() < kReadAhead) input_.shrink_to_fit();
  while (phase_ != Phase::Closed) {
    advance(reader);
    if (reader.is_done() || reader.problem() || verdict_.answer) co_return true;
    const bool has_more = co_await read_more(reader);
    if (!has_more) co_return reader.problem().has_value();
  }
  co_return false;
}

// Parses what there is and follows the reader from phase to phase.
void Session::advance(RequestReader& reader) {
  if (phase_ == Phase::Idle && !input_.empty()) enter(Phase::Head);
  take(reader);
  if (phase_ != Phase::Head || !reader.has_head() || reader.problem()) return;
  enter(Phase::Body);
  last_read_ = steady_clock::now();
  admit(reader);
  if (reader.problem() || verdict_.answer) return;
  take(reader);  // what has come of the body, whose own head may be wrong
  const bool must_ask = reader.expects_continue() && !reader.is_done() && !reader.problem();
  if (!must_ask || !input_.empty()) return;
  if (has_handler(*around_.service, reader.request())) {
    output_->write("HTTP/1.1 100 Continue\r\n\r\n");
  } else {
    reader.skip_body();
  }
}

void Session::take(RequestReader& reader) { input_.erase(0, reader.feed(input_)); }

void Session::admit(RequestReader& reader) {
  Request& request = reader.request();
  request.id = around_.ids->next();
  request.peer = transport_->peer();
  request.client = request.peer;
  verdict_ = ask_all(around_.service->gate.copy()->chain, request);
  if (verdict_.problem) reader.fail(std::move(*verdict_.problem));
}

// False when the client is gone or its time is up; the latter is the reader's failure then.
Task<bool> Session::read_more(RequestReader& reader) {
  const std::size_t old_size = input_.size();
  input_.resize(old_size + (phase_ == Phase::Body ? kBodyRead : kHeadRead));
  const std::size_t bytes = co_await transport_->read_some(std::span(input_).subspan(old_size));
  input_.resize(old_size + bytes);
  if (bytes != 0) last_read_ = steady_clock::now();
  if (phase_ == Phase::Closed) co_return false;
  if (has_timed_out_) report_timeout(reader);
  co_return bytes != 0 && !has_timed_out_;
}

void Session::report_timeout(RequestReader& reader) const {
  if (is_stopping_) {
    reader.fail({.status = 408,
                 .message = "The server is stopping and did not get the whole request in time."});
    return;
  }
  const Limits& limits = around_.service->limits;
  if (phase_ == Phase::Head) {
    reader.fail(timeout("headers", "within", limits.header_time));
  } else if (has_paused_too_long(steady_clock::now())) {
    reader.fail(timeout("body", "further for", limits.body_pause));
  } else {
    reader.fail(timeout("body", "within", limits.body_time));
  }
}

void Session::begin_turn(RequestReader& reader) {
  const std::optional<Problem> problem = reader.problem();
  // Unless all of the request was read, the next one cannot be found.
  must_linger_ = !reader.is_read();
  Turn::Wire wire{.is_http10 = reader.is_http10(),
                  .keeps_alive = reader.is_read() && reader.wants_keep_alive(),
                  .headers = std::move(verdict_.headers)};
  Request request = std::move(reader.request());
  if (request.id.empty()) request.id = around_.ids->next();
  request.peer = transport_->peer();
  enter(Phase::Answering);
  const std::shared_ptr<Turn> turn =
      std::make_shared<Turn>(around_.service, std::move(request), std::move(wire), output_, this);
  turn_ = turn;
  is_beginning_ = true;
  if (problem) {
    turn->fail(*problem);
  } else if (verdict_.answer) {
    turn->respond(*verdict_.answer);
  } else {
    dispatch(around_.service, around_.thread, turn);
  }
  is_beginning_ = false;
}

Task<> Session::say_goodbye() {
  transport_->end_output();
  // Unread bytes, too, would turn the close into a reset.
  if (must_linger_ || !input_.empty()) {
    enter(Phase::Lingering);
    input_.resize(kBodyRead);
    std::size_t total = 0;
    while (phase_ == Phase::Lingering && total < kLingerBytes) {
      const std::size_t bytes = co_await transport_->read_some(std::span(input_));
      if (bytes == 0) break;
      total += bytes;
    }
  }
  close();
}

void Session::progressed() {
  if (turn_) turn_->progressed();
  if (!websocket_) return;
  websocket_->progressed();
  if (websocket_ && websocket_->wants_more()) watch();
}

void Session::watch() {
  if (is_watching_) return;
  if (input_.empty()) input_ = {};
  is_watching_ = true;
  transport_->when_readable([weak = weak_from_this()] {
    const auto self = weak.lock();
    if (!self) return;
    self->is_watching_ = false;
    self->look();
  });
}

// The socket has something: the end, or requests sent ahead.
void Session::look() {
  if (phase_ == Phase::Answering) look_ahead();
  if (phase_ == Phase::WebSocket) look_for_messages();
}

void Session::look_ahead() {
  const std::size_t old_size = input_.size();
  if (old_size >= kReadAhead) return;
  input_.resize(old_size + kHeadRead);
  const std::optional<std::size_t> bytes =
      transport_->try_read(std::span(input_).subspan(old_size));
  input_.resize(old_size + bytes.value_or(0));
  if (bytes == 0) {
    close();
  } else {
    watch();
  }
}

}  // namespace shimmy::http
