// A request's head, understood: request line and headers.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "http/message.h"

namespace shimmy::http {

struct RequestHead {
  Request request;  // method, path, query and headers; after a problem what was understood of them
  std::optional<Problem> problem;  // why there can be no answer but this
  std::uint64_t content_length = 0;
  bool is_chunked = false;
  bool is_http10 = false;
  bool wants_keep_alive = false;
  bool expects_continue = false;

  bool has_body() const { return is_chunked || content_length != 0; }
};

// `bytes`: up to and with the empty line.
RequestHead parse_request_head(std::string_view bytes);

}  // namespace shimmy::http
