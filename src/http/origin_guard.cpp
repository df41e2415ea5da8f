#include "http/origin_guard.h"

#include <fmt/core.h>

#include <string_view>
#include <utility>

namespace shimmy::http {
namespace {

// Methods that only read are safe, as the page cannot see the answer (see cors.h). The rule does
// not hold for what an Upgrade makes of a GET.
bool only_reads(const Request& request) {
  return (request.method == "GET" || request.method == "HEAD" || request.method == "OPTIONS") &&
         request.header("upgrade").empty();
}

}  // namespace

Middleware origin_guard(AllowedOrigins origins) {
  return [origins = std::move(origins)](const Request& request) -> Verdict {
    const std::string_view origin = request.header("origin");
    if (origin.empty() || only_reads(request) || origins.allow(origin, request.header("host"))) {
      return {};
    }
    return {.answer = std::nullopt,
            .problem = Problem{.status = 403,
                               .message = fmt::format(
                                   "Pages from \"{}\" may not use this server: add that origin to "
                                   "the ones it allows.",
                                   origin),
                               .code = "origin_not_allowed"}};
  };
}

}  // namespace shimmy::http
