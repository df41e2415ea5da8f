// Where a running server is, as users write it.
#pragma once

#include <string>
#include <string_view>

#include "app/environment.h"
#include "base/error.h"

namespace shimmy::app {

struct ServerAddress {
  std::string url;        // "http://127.0.0.1:11435", without a / at its end
  std::string unix_path;  // of the socket that leads there; empty: none
  std::string shown;      // for messages

  bool was_named = false;  // by a flag or SHIMMY_HOST; else it is where a server would be
};

// `given` (the value of --server), else $SHIMMY_HOST, else what a server would bind: $SHIMMY_BIND
// or the default. Takes "http://…", "https://…" and what --bind takes. Fails with InvalidRequest.
base::Result<ServerAddress> server_address(std::string_view given, const Environment& environment);

}  // namespace shimmy::app
