// The target of a request line, taken apart.
#pragma once

#include <string>
#include <string_view>

#include "base/error.h"

namespace shimmy::http {

struct Target {
  std::string path;   // as Request::path; "*" for the asterisk form
  std::string query;  // as sent, without the question mark
};

// Accepts "/path?query", "http://host/path?query" and "*". Fails with InvalidRequest on anything
// else, on broken percent escapes and on an escaped NUL.
base::Result<Target> parse_target(std::string_view target);

}  // namespace shimmy::http
