#include "pull/http_status.h"

#include <fmt/core.h>

#include <charconv>
#include <ctime>
#include <string>

#include "transfer/url.h"

namespace shimmy::pull {
namespace {

using base::Error;
using base::ErrorCode;

// What the hub says itself, if it says anything.
std::string said(const transfer::ResponseHead& head) {
  const std::string_view text = head.header("x-error-message");
  return text.empty() ? std::string() : fmt::format("The server says: {}", text);
}

bool may_pass(int status) {
  return status == 408 || status == 425 || status == 429 || status >= 500;
}

bool is_gated(const transfer::ResponseHead& head) {
  return head.header("x-error-code") == "GatedRepo";
}

}  // namespace

Error status_error(const transfer::ResponseHead& head, std::string_view what) {
  const std::string server = transfer::shown_url(head.url);
  Error error{ErrorCode::Io, {}, said(head), {}, "status"};
  if (may_pass(head.status)) {
    error.code = ErrorCode::Unavailable;
    error.message =
        head.status == 429
            ? fmt::format("{} is not given out now: the server asks for a pause (429).", what)
            : fmt::format("{} is not given out now: the server failed with {}.", what, head.status);
  } else if (head.status == 401 || is_gated(head) || head.status == 403) {
    error.reason = "forbidden";
    error.message = fmt::format(
        "{} is not given to everybody ({}). It may be gated, private or misspelt. If it is gated, "
        "accept its terms on its page; then set HF_TOKEN to an access token of your account.",
        what, head.status);
  } else if (head.status == 404 || head.status == 410) {
    error.code = ErrorCode::ModelNotFound;
    error.message = fmt::format("{} does not exist. Check the name.", what);
  } else {
    error.reason = "upstream";
    error.message =
        fmt::format("{} cannot be had: {} answered with {}.", what, server, head.status);
  }
  return error;
}

std::optional<std::chrono::seconds> retry_after(const transfer::ResponseHead& head) {
  const std::string text(head.header("retry-after"));
  if (text.empty()) return {};
  long long seconds = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), seconds);
  if (error == std::errc() && end == text.data() + text.size() && seconds >= 0) {
    return std::chrono::seconds(seconds);
  }
  std::tm date{};
  if (strptime(text.c_str(), "%a, %d %b %Y %H:%M:%S GMT", &date) == nullptr) return {};
  const double left = std::difftime(timegm(&date), std::time(nullptr));
  return std::chrono::seconds(left > 0 ? static_cast<long long>(left) : 0);
}

}  // namespace shimmy::pull
