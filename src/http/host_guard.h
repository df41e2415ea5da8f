// Keeps web pages out whose name was rebound to this machine's address: their name shows in Host.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "http/middleware.h"

namespace shimmy::http {

struct HostRules {
  std::string machine_name;       // allowed, as is <machine_name>.local; empty: none
  std::vector<std::string> also;  // further names, without a port; "*": every name
};

// Whether the server may answer to this Host header: to loopback names, and to those of `rules`.
// Without the header (HTTP/1.0) it is empty: allowed.
bool is_host_allowed(const HostRules& rules, std::string_view host_header);

// Answers 403 to any other name.
Middleware host_guard(HostRules rules);

}  // namespace shimmy::http
