#include "http/response_head.h"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <ctime>
#include <iterator>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include "http/text.h"

namespace shimmy::http {
namespace {

constexpr std::array<std::string_view, 4> kFramingHeaders = {"content-length", "transfer-encoding",
                                                             "connection", "keep-alive"};

constexpr std::array<std::pair<int, std::string_view>, 33> kReasons = {{
    {100, "Continue"},
    {101, "Switching Protocols"},
    {200, "OK"},
    {201, "Created"},
    {202, "Accepted"},
    {204, "No Content"},
    {206, "Partial Content"},
    {301, "Moved Permanently"},
    {302, "Found"},
    {303, "See Other"},
    {304, "Not Modified"},
    {307, "Temporary Redirect"},
    {308, "Permanent Redirect"},
    {400, "Bad Request"},
    {401, "Unauthorized"},
    {403, "Forbidden"},
    {404, "Not Found"},
    {405, "Method Not Allowed"},
    {408, "Request Timeout"},
    {409, "Conflict"},
    {413, "Content Too Large"},
    {414, "URI Too Long"},
    {415, "Unsupported Media Type"},
    {417, "Expectation Failed"},
    {422, "Unprocessable Content"},
    {426, "Upgrade Required"},
    {429, "Too Many Requests"},
    {431, "Request Header Fields Too Large"},
    {500, "Internal Server Error"},
    {501, "Not Implemented"},
    {503, "Service Unavailable"},
    {504, "Gateway Timeout"},
    {505, "HTTP Version Not Supported"},
}};

void append_header(std::string& out, std::string_view name, std::string_view value) {
  out += name;
  out += ": ";
  std::ranges::transform(value, std::back_inserter(out), [](char c) {
    const auto byte = static_cast<unsigned char>(c);
    return (byte < 0x20 && c != '\t') || byte == 0x7f ? ' ' : c;
  });
  out += "\r\n";
}

bool is_token(std::string_view name) {
  return !name.empty() && std::ranges::all_of(name, is_token_letter);
}

void append_custom(std::string& out, std::span<const Header> headers) {
  for (const Header& header : headers) {
    const bool is_framing = std::ranges::any_of(kFramingHeaders, [&](std::string_view name) {
      return equal_ignoring_case(name, header.name);
    });
    if (!is_framing && is_token(header.name)) append_header(out, header.name, header.value);
  }
}

void append_framing(std::string& out, const ResponseHead& head) {
  if (!may_have_body(head.status)) return;
  if (head.framing == Framing::Chunked) append_header(out, "Transfer-Encoding", "chunked");
  if (head.framing == Framing::Length) {
    append_header(out, "Content-Length", std::to_string(head.content_length));
  }
}

}  // namespace

bool may_have_body(int status) { return status >= 200 && status != 204 && status != 304; }

std::string_view reason_phrase(int status) {
  const auto* found = std::ranges::find(kReasons, status, &std::pair<int, std::string_view>::first);
  return found == kReasons.end() ? "Unknown" : found->second;
}

std::string http_date(std::time_t now) {
  // Not strftime: the names must not follow the process's locale.
  constexpr std::array kDays = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
  constexpr std::array kMonths = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                  "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  std::tm utc{};
  gmtime_r(&now, &utc);
  return fmt::format("{}, {:02} {} {} {:02}:{:02}:{:02} GMT",
                     kDays.at(static_cast<std::size_t>(utc.tm_wday)), utc.tm_mday,
                     kMonths.at(static_cast<std::size_t>(utc.tm_mon)), utc.tm_year + 1900,
                     utc.tm_hour, utc.tm_min, utc.tm_sec);
}

std::string serialised(const ResponseHead& head) {
  std::string out;
  out.reserve(384);
  fmt::format_to(std::back_inserter(out), "HTTP/1.1 {} {}\r\n", head.status,
                 reason_phrase(head.status));
  append_header(out, "Date", http_date(head.now));
  if (!head.server_name.empty()) append_header(out, "Server", head.server_name);
  if (!head.content_type.empty()) append_header(out, "Content-Type", head.content_type);
  append_framing(out, head);
  if (!head.request_id.empty()) {
    append_header(out, "x-request-id", head.request_id);
    append_header(out, "request-id", head.request_id);
  }
  if (!head.keeps_alive) append_header(out, "Connection", "close");
  if (head.keeps_alive && head.is_http10) append_header(out, "Connection", "keep-alive");
  for (const std::span<const Header> headers : head.headers) append_custom(out, headers);
  out += "\r\n";
  return out;
}

}  // namespace shimmy::http
