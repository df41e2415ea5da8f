#include "http/request_head.h"

#include <fmt/core.h>

#include <algorithm>
#include <boost/beast/http/empty_body.hpp>
#include <boost/beast/http/message.hpp>
#include <boost/beast/http/parser.hpp>
#include <string>
#include <string_view>
#include <utility>

#include "http/target.h"
#include "http/text.h"

namespace shimmy::http {
namespace {

namespace beast = boost::beast;

using Parser = beast::http::request_parser<beast::http::empty_body>;
using ParseError = boost::system::error_code;

std::string copied(beast::string_view text) { return {text.data(), text.size()}; }

void fail(RequestHead& head, int status, std::string message) {
  if (!head.problem) head.problem = Problem{.status = status, .message = std::move(message)};
}

std::string described(const ParseError& error) {
  if (error == beast::http::error::bad_version) {
    return "The request line must end with HTTP/1.1 or HTTP/1.0.";
  }
  return fmt::format("The request is not valid HTTP: {}.", error.message());
}

void copy_message(const Parser& parser, RequestHead& head) {
  const auto& message = parser.get();
  head.is_http10 = message.version() < 11;
  head.wants_keep_alive = message.keep_alive();
  head.request.method = copied(message.method_string());
  for (const auto& field : message) {
    head.request.headers.push_back({copied(field.name_string()), copied(field.value())});
  }
  if (message.target().empty()) return;
  base::Result<Target> target = parse_target(copied(message.target()));
  if (!target) {
    fail(head, 400, std::move(target.error().message));
    return;
  }
  head.request.path = std::move(target->path);
  head.request.query = std::move(target->query);
}

std::ptrdiff_t count_of(const Request& request, std::string_view name) {
  return std::ranges::count_if(request.headers, [&](const Header& header) {
    return equal_ignoring_case(header.name, name);
  });
}

void check_body_framing(RequestHead& head) {
  const Request& request = head.request;
  const std::string_view length = request.header("content-length");
  if (count_of(request, "content-length") > 1 ||
      length.find_first_not_of("0123456789") != std::string_view::npos) {
    fail(head, 400, "A request needs at most one Content-Length header, of one number.");
  }
  if (count_of(request, "transfer-encoding") == 0) return;
  if (head.is_http10 || count_of(request, "content-length") != 0) {
    fail(head, 400, "Transfer-Encoding goes neither with Content-Length nor with HTTP/1.0.");
  } else if (!equal_ignoring_case(request.header("transfer-encoding"), "chunked")) {
    fail(head, 501, "The only transfer encoding understood is \"chunked\".");
  }
}

void check_host(RequestHead& head) {
  const std::ptrdiff_t hosts = count_of(head.request, "host");
  if (hosts > 1 || (hosts == 0 && !head.is_http10)) {
    fail(head, 400, "A request needs exactly one Host header.");
  }
}

void check_expectation(RequestHead& head) {
  const std::string_view expectation = head.request.header("expect");
  if (expectation.empty() || head.is_http10) return;
  if (equal_ignoring_case(expectation, "100-continue")) {
    head.expects_continue = true;
  } else {
    fail(head, 417, "The only expectation understood is \"100-continue\".");
  }
}

}  // namespace

RequestHead parse_request_head(std::string_view bytes) {
  RequestHead head;
  Parser parser;
  // The reader holds heads and bodies to their limits.
  parser.header_limit(UINT32_MAX);
  parser.body_limit(boost::none);
  ParseError error;
  parser.put(boost::asio::buffer(bytes), error);
  if (error && error != beast::http::error::need_more) fail(head, 400, described(error));
  copy_message(parser, head);
  if (!parser.is_header_done()) {
    fail(head, 400, "The request's head is not whole.");
    return head;
  }
  check_body_framing(head);
  check_host(head);
  check_expectation(head);
  head.is_chunked = parser.chunked();
  if (const auto length = parser.content_length()) head.content_length = *length;
  return head;
}

}  // namespace shimmy::http
