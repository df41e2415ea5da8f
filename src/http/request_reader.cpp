#include "http/request_reader.h"

#include <fmt/core.h>

#include <algorithm>
#include <boost/beast/http/message.hpp>
#include <boost/beast/http/parser.hpp>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "http/target.h"
#include "http/text.h"

namespace shimmy::http {
namespace {

namespace beast = boost::beast;

using ParseError = boost::system::error_code;

// A string that grows with what arrives: Beast's own reserves what Content-Length claims, and a
// claim costs the client nothing.
struct GrowingBody {
  using value_type = std::string;

  class reader {  // NOLINT(readability-identifier-naming): Beast asks for this name
   public:
    template <bool is_request, class Fields>
    reader(beast::http::header<is_request, Fields>& /*header*/, value_type& body) : body_(body) {}

    void init(const boost::optional<std::uint64_t>& /*length*/, ParseError& error) { error = {}; }

    template <class Buffers>
    std::size_t put(const Buffers& buffers, ParseError& error) {
      std::size_t bytes = 0;
      for (auto buffer = boost::asio::buffer_sequence_begin(buffers);
           buffer != boost::asio::buffer_sequence_end(buffers); ++buffer) {
        body_.append(static_cast<const char*>(buffer->data()), buffer->size());
        bytes += buffer->size();
      }
      error = {};
      return bytes;
    }

    void finish(ParseError& error) { error = {}; }

   private:
    value_type& body_;
  };
};

std::string copied(beast::string_view text) { return {text.data(), text.size()}; }

RequestReader::Failure described(const ParseError& error, std::size_t header_bytes) {
  using Reason = beast::http::error;
  if (error == Reason::header_limit) {
    return {431, fmt::format("The request's headers are larger than the limit of {} bytes.",
                             header_bytes)};
  }
  if (error == Reason::body_limit) {
    return {413, "The request's body is larger than the server accepts; send a smaller one."};
  }
  if (error == Reason::bad_version) {
    return {400, "The request line must end with HTTP/1.1 or HTTP/1.0."};
  }
  return {400, fmt::format("The request is not valid HTTP: {}.", error.message())};
}

}  // namespace

struct RequestReader::Parser : beast::http::request_parser<GrowingBody> {};

RequestReader::RequestReader(const Limits& limits)
    : header_bytes_(limits.header_bytes), parser_(std::make_unique<Parser>()) {
  parser_->header_limit(
      static_cast<std::uint32_t>(std::min<std::size_t>(limits.header_bytes, UINT32_MAX)));
  parser_->body_limit(limits.body_bytes);
}

RequestReader::~RequestReader() = default;

std::size_t RequestReader::feed(std::string_view bytes) {
  std::size_t used = 0;
  if (!has_begun_) {
    // Line ends left over from the request before (RFC 9112 2.2).
    used = std::min(bytes.find_first_not_of("\r\n"), bytes.size());
  }
  while (used < bytes.size() && !failure_ && !parser_->is_done()) {
    has_begun_ = true;
    ParseError error;
    const std::string_view rest = bytes.substr(used);
    const std::size_t taken = parser_->put(boost::asio::buffer(rest), error);
    used += taken;
    if (error && error != beast::http::error::need_more) {
      copy_head();
      failure_ = described(error, header_bytes_);
    } else if (parser_->is_header_done() && !has_head_) {
      accept_head();
    } else if (taken == 0 || error) {
      // Only a chunk's size line or a trailer can grow like this, as Beast bounds the head.
      if (rest.size() > header_bytes_) fail(431, "A chunk's header is larger than the limit.");
      break;
    }
  }
  return used;
}

bool RequestReader::is_done() const { return has_head_ && !failure_ && parser_->is_done(); }

void RequestReader::fail(int status, std::string message) {
  failure_ = Failure{status, std::move(message)};
}

bool RequestReader::is_http10() const { return parser_->get().version() < 11; }

bool RequestReader::wants_keep_alive() const { return parser_->get().keep_alive(); }

Request RequestReader::take() {
  request_.body = std::move(parser_->get().body());
  return std::move(request_);
}

// Copied as soon as the head is whole, because Beast adds trailers to the same fields: a trailer
// must not pass for a header.
void RequestReader::accept_head() {
  has_head_ = true;
  copy_head();
  check_body_framing();
  check_host();
  check_expectation();
}

void RequestReader::copy_head() {
  const auto& message = parser_->get();
  request_.method = copied(message.method_string());
  request_.headers.clear();
  for (const auto& field : message) {
    request_.headers.push_back({copied(field.name_string()), copied(field.value())});
  }
  if (message.target().empty()) return;
  base::Result<Target> target = parse_target(copied(message.target()));
  if (!target) {
    fail(400, std::move(target.error().message));
    return;
  }
  request_.path = std::move(target->path);
  request_.query = std::move(target->query);
}

void RequestReader::check_body_framing() {
  const std::string_view encoding = request_.header("transfer-encoding");
  if (encoding.empty()) return;
  if (is_http10() || !request_.header("content-length").empty()) {
    fail(400, "Transfer-Encoding goes neither with Content-Length nor with HTTP/1.0.");
    return;
  }
  if (!equal_ignoring_case(encoding, "chunked")) {
    fail(501, "The only transfer encoding understood is \"chunked\".");
  }
}

void RequestReader::check_host() {
  const auto hosts = std::ranges::count_if(request_.headers, [](const Header& header) {
    return equal_ignoring_case(header.name, "host");
  });
  if (hosts > 1 || (hosts == 0 && !is_http10())) {
    fail(400, "A request needs exactly one Host header.");
  }
}

void RequestReader::check_expectation() {
  const std::string_view expectation = request_.header("expect");
  if (expectation.empty() || is_http10()) return;
  if (!equal_ignoring_case(expectation, "100-continue")) {
    fail(417, "The only expectation understood is \"100-continue\".");
    return;
  }
  expects_continue_ = true;
}

}  // namespace shimmy::http
