#include "http/dispatch.h"

#include <fmt/core.h>

#include <exception>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "http/host_guard.h"
#include "http/live_exchange.h"
#include "http/websocket_handshake.h"

namespace shimmy::http {
namespace {

void call(const Service& service, const Handler& handler, const std::shared_ptr<IoThread>& thread,
          const std::shared_ptr<Turn>& turn) {
  // Held until the handler is through, so that what it throws is answered before its absence.
  const std::shared_ptr<Exchange> exchange = make_exchange(thread, turn);
  try {
    handler(exchange);
    return;
  } catch (const std::exception& error) {
    service.log.error("The handler of {} {} threw: {} (request {}).", turn->request().method,
                      turn->request().path, error.what(), turn->request().id);
  } catch (...) {
    service.log.error("The handler of {} {} threw (request {}).", turn->request().method,
                      turn->request().path, turn->request().id);
  }
  thread->post([turn] { turn->fail(500, "The request failed because of a bug in the server."); });
}

void answer_miss(const Service& service, Turn& turn, const std::string& allow) {
  const Request& request = turn.request();
  if (allow.empty()) {
    turn.fail(404, fmt::format("There is nothing at {} {}.", request.method, request.path));
    return;
  }
  Response response = service.error_response(
      request, 405,
      fmt::format("{} does not answer {}, but {}.", request.path, request.method, allow));
  response.headers.push_back({"Allow", allow});
  turn.respond(response);
}

void hand_to_worker(const std::shared_ptr<Service>& service, const Route& route,
                    const std::shared_ptr<IoThread>& thread, const std::shared_ptr<Turn>& turn) {
  WorkerPool::Task task = [service, &route, thread, turn] {
    call(*service, route.handler, thread, turn);
  };
  if (service->workers.try_submit(std::move(task))) return;
  Response response = service->error_response(
      turn->request(), 503, "The server has more requests than it can take; try again later.");
  response.headers.push_back({"Retry-After", "1"});
  turn->respond(response);
}

void upgrade(const Service& service, Turn& turn, const WebSocketHandler& handler) {
  if (service.is_draining) {
    turn.fail(503, "The server is stopping.");
    return;
  }
  const auto accept = accept_upgrade(turn.request(), turn.is_http10());
  if (accept) {
    turn.upgrade(*accept, handler);
    return;
  }
  Response response =
      service.error_response(turn.request(), accept.error().status, accept.error().message);
  for (const Header& header : accept.error().headers) response.headers.push_back(header);
  turn.respond(response);
}

}  // namespace

std::optional<std::string> refusal(const Service& service, const Request& request) {
  const std::string_view host = request.header("host");
  if (service.is_loopback_only && !is_host_allowed(host)) {
    return fmt::format(
        "The Host header names \"{}\", but this server only answers to names of this machine, such "
        "as 127.0.0.1 and localhost.",
        host);
  }
  const std::string_view origin = request.header("origin");
  if (!is_origin_allowed(request.method, origin, host)) {
    return fmt::format("Pages from \"{}\" may not use this server.", origin);
  }
  return std::nullopt;
}

void dispatch(const std::shared_ptr<Service>& service, const std::shared_ptr<IoThread>& thread,
              const std::shared_ptr<Turn>& turn) {
  const Request& request = turn->request();
  Router::Match match = service->router.match(request.method, request.path);
  if (match.route == nullptr) {
    answer_miss(*service, *turn, match.allow);
    return;
  }
  turn->set_captures(std::move(match.captures));
  if (match.route->websocket) {
    upgrade(*service, *turn, match.route->websocket);
  } else if (match.route->runs_on == RunsOn::Worker) {
    hand_to_worker(service, *match.route, thread, turn);
  } else {
    call(*service, match.route->handler, thread, turn);
  }
}

}  // namespace shimmy::http
