#include "http/open_paths.h"

#include <algorithm>

namespace shimmy::http {

bool is_open(const OpenPaths& paths, const Request& request) {
  // Preflights carry no keys, and what methods there are is no secret.
  if (request.method == "OPTIONS") return true;
  return (request.method == "GET" || request.method == "HEAD") &&
         std::ranges::find(paths, request.path) != paths.end();
}

}  // namespace shimmy::http
