#include "http/cors.h"

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "http/text.h"

namespace shimmy::http {
namespace {

void allow_reading(std::vector<Header>& headers, std::string_view origin) {
  headers.push_back({"Access-Control-Allow-Origin", std::string(origin)});
  headers.push_back(
      {"Access-Control-Expose-Headers", "x-request-id, request-id, retry-after, mcp-session-id"});
}

void allow_requests(std::vector<Header>& headers, const Request& request) {
  headers.push_back({"Access-Control-Allow-Methods", "GET, POST, DELETE, OPTIONS"});
  headers.push_back({"Access-Control-Max-Age", "600"});
  if (const auto wanted = request.header("access-control-request-headers"); !wanted.empty()) {
    headers.push_back({"Access-Control-Allow-Headers", std::string(wanted)});
  }
  if (equal_ignoring_case(request.header("access-control-request-private-network"), "true")) {
    headers.push_back({"Access-Control-Allow-Private-Network", "true"});
  }
}

}  // namespace

Middleware cors(AllowedOrigins origins) {
  return [origins = std::move(origins)](const Request& request) -> Verdict {
    const std::string_view origin = request.header("origin");
    Verdict verdict;
    // Also where there is no Origin: a cache must not give such an answer to a page.
    verdict.headers.push_back({"Vary", "Origin"});
    if (origin.empty()) return verdict;
    const bool is_allowed = origins.allow(origin, request.header("host"));
    if (is_allowed) allow_reading(verdict.headers, origin);
    if (request.method == "OPTIONS") {
      if (is_allowed) allow_requests(verdict.headers, request);
      verdict.answer = Response{.status = 204};
    }
    return verdict;
  };
}

}  // namespace shimmy::http
