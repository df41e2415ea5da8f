// Which handler answers which method and path: a table.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "http/exchange.h"
#include "http/websocket.h"

namespace shimmy::http {

// Where a handler runs: on the I/O thread if it never blocks, else on a worker.
enum class RunsOn { Io, Worker };

struct Route {
  std::string method;   // GET also answers HEAD
  std::string pattern;  // "/v1/models/*": a "*" stands for one or more segments and is captured
  Handler handler;
  RunsOn runs_on = RunsOn::Worker;
  WebSocketHandler websocket{};  // in place of `handler`; the method is then GET
};

// A path that answers upgrades to WebSocket, and everything else with 426.
Route websocket_route(std::string pattern, WebSocketHandler handler);

// Immutable after construction; any thread.
class Router {
 public:
  explicit Router(std::vector<Route> routes);

  struct Match {
    const Route* route = nullptr;  // null: no such path, or not with this method
    std::vector<std::string> captures;
    std::string allow;  // with a known path and a wrong method: the value for Allow
  };

  // `path` as in Request::path. The first route that fits wins. "*" stands for the server as a
  // whole: no route answers it, but it allows what any of them does.
  Match match(std::string_view method, std::string_view path) const;

 private:
  std::vector<Route> routes_;
};

}  // namespace shimmy::http
