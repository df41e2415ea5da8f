#include "http/dispatch.h"

#include <fmt/core.h>

#include <exception>
#include <memory>
#include <string>
#include <utility>

#include "http/live_exchange.h"
#include "http/websocket_handshake.h"

namespace shimmy::http {
namespace {

void call(const std::shared_ptr<Service>& service, const Handler& handler,
          const std::shared_ptr<IoThread>& thread, const std::shared_ptr<Turn>& turn) {
  // Held until the handler is through, so that what it throws is answered before its absence.
  const std::shared_ptr<Exchange> exchange = make_exchange(service, thread, turn);
  try {
    handler(exchange);
    return;
  } catch (const std::exception& error) {
    service->log.error("The handler of {} {} threw: {} (request {}).", turn->request().method,
                       turn->request().path, error.what(), turn->request().id);
  } catch (...) {
    service->log.error("The handler of {} {} threw (request {}).", turn->request().method,
                       turn->request().path, turn->request().id);
  }
  thread->post([turn] {
    turn->fail({.status = 500, .message = "The request failed because of a bug in the server."});
  });
}

void answer_miss(Turn& turn, const std::string& allow) {
  const Request& request = turn.request();
  if (allow.empty()) {
    turn.fail({.status = 404,
               .message = fmt::format("There is nothing at {} {}.", request.method, request.path)});
  } else if (request.method == "OPTIONS") {
    turn.respond({.status = 204, .headers = {{"Allow", allow + ", OPTIONS"}}});
  } else {
    turn.fail({.status = 405,
               .message = fmt::format("{} does not answer {}, but {}.", request.path,
                                      request.method, allow),
               .headers = {{"Allow", allow}}});
  }
}

void hand_to_worker(const std::shared_ptr<Service>& service, const Route& route,
                    const std::shared_ptr<IoThread>& thread, const std::shared_ptr<Turn>& turn) {
  WorkerPool::Task task = [service, &route, thread, turn] {
    call(service, route.handler, thread, turn);
  };
  if (service->workers.try_submit(std::move(task))) return;
  turn->fail({.status = 503,
              .message = "The server has more requests than it can take; try again later.",
              .headers = {{"Retry-After", "1"}}});
}

void upgrade(const Service& service, Turn& turn, const WebSocketHandler& handler) {
  if (service.is_draining) {
    turn.fail(stopping_problem());
    return;
  }
  std::expected<std::string, Problem> accept = accept_upgrade(turn.request(), turn.is_http10());
  if (accept) {
    turn.upgrade(*accept, handler);
  } else {
    turn.fail(std::move(accept.error()));
  }
}

}  // namespace

bool has_handler(const Service& service, const Request& request) {
  return service.router.match(request.method, request.path).route != nullptr;
}

void dispatch(const std::shared_ptr<Service>& service, const std::shared_ptr<IoThread>& thread,
              const std::shared_ptr<Turn>& turn) {
  const Request& request = turn->request();
  Router::Match match = service->router.match(request.method, request.path);
  if (match.route == nullptr) {
    answer_miss(*turn, match.allow);
    return;
  }
  turn->set_captures(std::move(match.captures));
  if (match.route->websocket) {
    upgrade(*service, *turn, match.route->websocket);
  } else if (match.route->runs_on == RunsOn::Worker) {
    hand_to_worker(service, *match.route, thread, turn);
  } else {
    call(service, match.route->handler, thread, turn);
  }
}

}  // namespace shimmy::http
