// The status line and headers of a response, as bytes.
#pragma once

#include <array>
#include <cstddef>
#include <ctime>
#include <span>
#include <string>
#include <string_view>

#include "http/message.h"

namespace shimmy::http {

// How the client finds the end of the body.
enum class Framing { Length, Chunked, Close };

struct ResponseHead {
  int status = 200;
  std::string_view content_type;                   // empty: no such header
  std::array<std::span<const Header>, 4> headers;  // further ones, of several origins
  Framing framing = Framing::Length;
  std::size_t content_length = 0;  // with Framing::Length
  std::string_view request_id;
  std::string_view server_name;  // empty: no such header
  std::time_t now = 0;
  bool is_http10 = false;
  bool keeps_alive = true;
};

// Framing headers among `headers` are left out, and control characters in values become spaces, so
// that no value can end its line.
std::string serialised(const ResponseHead& head);

std::string_view reason_phrase(int status);

// "Sun, 06 Nov 1994 08:49:37 GMT"
std::string http_date(std::time_t now);

// 1xx, 204 and 304 never have one.
bool may_have_body(int status);

}  // namespace shimmy::http
