#include "transfer/redirects.h"

#include <fmt/core.h>

#include <array>
#include <string>
#include <string_view>
#include <utility>

#include "transfer/url.h"

namespace shimmy::transfer {
namespace {

using base::Error;
using base::ErrorCode;
using base::Result;

std::unexpected<Error> refuse(const Request& request, std::string_view why) {
  Error error{ErrorCode::Unavailable, {}, {}, {}, "redirect"};
  error.message =
      fmt::format("{} leads elsewhere, which is not followed: {}.", shown_url(request.url), why);
  return std::unexpected(std::move(error));
}

bool is_credential(const Header& header) {
  constexpr std::array<std::string_view, 3> names{"Authorization", "Cookie", "Proxy-Authorization"};
  for (const std::string_view name : names) {
    if (equal_ignoring_case(header.name, name)) return true;
  }
  return false;
}

bool describes_body(const Header& header) {
  return equal_ignoring_case(header.name.substr(0, 8), "content-");
}

}  // namespace

bool is_redirect(const ResponseHead& head) {
  const bool is_kind = head.status == 301 || head.status == 302 || head.status == 303 ||
                       head.status == 307 || head.status == 308;
  return is_kind && !head.header("location").empty();
}

Result<Request> redirected(const Request& request, const ResponseHead& head) {
  const auto from = parse_url(request.url);
  if (!from) return std::unexpected(from.error());
  const std::string_view location = head.header("location");
  const auto to = resolve(*from, location);
  if (!to)
    return refuse(request,
                  fmt::format("\"{}\" is no address of http or https", shown_url(location)));
  if (from->scheme == "https" && to->scheme == "http") {
    return refuse(request, fmt::format("{} is not encrypted", shown_url(to->text())));
  }
  const bool is_same_origin = from->origin() == to->origin();
  if (!request.unix_socket.empty() && !is_same_origin) {
    return refuse(request, "the way leaves this machine's socket");
  }
  Request next = request;
  next.url = to->text();
  if (!is_same_origin) std::erase_if(next.headers, is_credential);
  const bool was_post = request.method == "POST" && (head.status == 301 || head.status == 302);
  if (was_post || (head.status == 303 && request.method != "HEAD")) {
    next.method = "GET";
    next.body.clear();
    std::erase_if(next.headers, describes_body);
  }
  return next;
}

}  // namespace shimmy::transfer
