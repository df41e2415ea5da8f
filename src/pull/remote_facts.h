// What a server says of a file before it is fetched.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "pull/access.h"
#include "transfer/http_client.h"

namespace shimmy::pull {

struct RemoteFacts {
  std::uint64_t bytes = 0;  // 0: not said
  std::string sha256;       // empty: not said
};

// Asks for the head alone. Servers that do not answer such requests say nothing, which is no
// failure; what they have against the file shows when it is fetched. `what` as in status_error.
base::Result<RemoteFacts> remote_facts(const Access& access, const std::string& url,
                                       const std::vector<transfer::Header>& headers,
                                       std::string_view what);

}  // namespace shimmy::pull
