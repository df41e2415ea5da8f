// Asking other servers over HTTP: the question, the answer as it comes, and who carries both.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"

namespace shimmy::transfer {

struct Header {
  std::string name;
  std::string value;
};

// The value of the first header of that name, letter case aside; empty when there is none.
std::string_view header_value(const std::vector<Header>& headers, std::string_view name);

struct Timeouts {
  std::chrono::milliseconds connect{20'000};  // name lookup, TCP and TLS together
  std::chrono::milliseconds stall{60'000};    // of less than `stall_bytes`; 0: wait for ever
  std::uint64_t stall_bytes = 1;              // that must come within each `stall`
};

struct Request {
  std::string method = "GET";
  std::string url;          // "http://…" or "https://…"
  std::string unix_socket;  // path of the socket to connect to in place of the URL's host; or empty
  // Authorization, Cookie and Proxy-Authorization do not follow a redirect to another origin.
  std::vector<Header> headers;
  std::string body;
  int max_redirects = 10;  // 0: a redirect is an answer like any other
  Timeouts timeouts{};
};

struct ResponseHead {
  int status = 0;
  std::vector<Header> headers;
  std::string url;  // that answered in the end, after redirects

  // Answers that led here, first to last: their headers may say what the last one does not.
  std::vector<ResponseHead> redirects{};

  std::string_view header(std::string_view name) const { return header_value(headers, name); }
  std::optional<std::uint64_t> content_length() const;
};

// What to do with an answer; both are called on the thread that called send(). A failure ends the
// transfer, and send() returns it. An empty function accepts everything.
struct Receiver {
  std::function<base::Result<void>(const ResponseHead& head)> head{};
  std::function<base::Result<void>(std::string_view bytes)> body{};  // pieces, in order
};

class HttpClient {
 public:
  virtual ~HttpClient() = default;

  // Blocks until the answer is complete. Any thread; several at once. An answer of any status is a
  // success. Fails with Cancelled within 100 ms after `stop` is requested, with InvalidRequest (the
  // request can be sent nowhere), Io (no libcurl, or a certificate that is not trusted) or
  // Unavailable: nobody answered, or the answer broke off. Error::reason then says "dns",
  // "connect", "tls", "stalled", "cut" or "redirect".
  virtual base::Result<ResponseHead> send(const Request& request, const Receiver& receiver,
                                          std::stop_token stop = {}) = 0;
};

struct Answer {
  ResponseHead head;
  std::string body;
};

// The whole answer in memory. Fails as send() does, and with Io where it has more than `max_bytes`.
base::Result<Answer> ask(HttpClient& client, const Request& request, std::size_t max_bytes,
                         std::stop_token stop = {});

}  // namespace shimmy::transfer
