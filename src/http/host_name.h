// Names of hosts, as Host and Origin spell them.
#pragma once

#include <string_view>

namespace shimmy::http {

// Empty: no address of that form. "[::1]:80", "localhost:1", "a.b" lose port and brackets.
std::string_view host_name(std::string_view authority);

// 127.0.0.0/8, also mapped into IPv6, ::1, localhost and names below .localhost. `host` without
// port and brackets.
bool is_loopback_host(std::string_view host);

}  // namespace shimmy::http
