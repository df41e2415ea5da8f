#include "http/router.h"

#include <algorithm>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace shimmy::http {
namespace {

using Captures = std::vector<std::string>;

// The first segment of `path` and what follows its slash; no rest at the last segment.
struct Split {
  std::string_view first;
  std::optional<std::string_view> rest;
};

Split split(std::string_view path) {
  const std::size_t slash = path.find('/');
  if (slash == std::string_view::npos) return {path, std::nullopt};
  return {path.substr(0, slash), path.substr(slash + 1)};
}

// Whether segment by segment `pattern` describes `path`; a "*" takes as few segments as will do.
bool fits(std::string_view pattern, std::string_view path, Captures& captures) {
  const Split wanted = split(pattern);
  if (wanted.first != "*") {
    const Split given = split(path);
    if (wanted.first != given.first || wanted.rest.has_value() != given.rest.has_value()) {
      return false;
    }
    return !wanted.rest || fits(*wanted.rest, *given.rest, captures);
  }
  if (path.empty()) return false;
  if (!wanted.rest) {
    captures.emplace_back(path);
    return true;
  }
  for (std::size_t slash = path.find('/'); slash != std::string_view::npos;
       slash = path.find('/', slash + 1)) {
    captures.emplace_back(path.substr(0, slash));
    if (fits(*wanted.rest, path.substr(slash + 1), captures)) return true;
    captures.pop_back();
  }
  return false;
}

std::optional<Captures> captures_of(std::string_view pattern, std::string_view path) {
  Captures captures;
  if (!fits(pattern, path, captures)) return std::nullopt;
  return captures;
}

std::string joined(const std::vector<std::string>& methods) {
  std::string text;
  for (const std::string& method : methods) {
    if (!text.empty()) text += ", ";
    text += method;
  }
  return text;
}

void add_once(std::vector<std::string>& methods, const std::string& method) {
  if (std::ranges::find(methods, method) == methods.end()) methods.push_back(method);
}

}  // namespace

Route websocket_route(std::string pattern, WebSocketHandler handler) {
  return {.method = "GET", .pattern = std::move(pattern), .websocket = std::move(handler)};
}

Router::Router(std::vector<Route> routes) : routes_(std::move(routes)) {}

Router::Match Router::match(std::string_view method, std::string_view path) const {
  Match result;
  std::vector<std::string> allowed;
  const Route* get = nullptr;  // answers HEAD where no route does so itself
  Captures get_captures;
  for (const Route& route : routes_) {
    std::optional<Captures> captures = path == "*" ? Captures{} : captures_of(route.pattern, path);
    if (!captures) continue;
    if (route.method == method && path != "*") return {&route, std::move(*captures), {}};
    if (path != "*" && method == "HEAD" && route.method == "GET" && get == nullptr) {
      get = &route;
      get_captures = std::move(*captures);
    }
    add_once(allowed, route.method);
    if (route.method == "GET") add_once(allowed, "HEAD");
  }
  if (get != nullptr) return {get, std::move(get_captures), {}};
  result.allow = joined(allowed);
  return result;
}

}  // namespace shimmy::http
