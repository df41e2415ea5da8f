// Keeps foreign web pages out of a server that trusts everybody on this machine: a page whose name
// was rebound to 127.0.0.1 shows in Host, any other page in Origin.
#pragma once

#include <string_view>

namespace shimmy::http {

// Empty: no address of that form. "[::1]:80", "localhost:1", "a.b" lose port and brackets.
std::string_view host_name(std::string_view authority);

// 127.0.0.0/8, ::1, localhost and names below .localhost. `host` without port and brackets.
bool is_loopback_host(std::string_view host);

// For servers bound to loopback. Without a Host header (HTTP/1.0) `host_header` is empty: allowed.
bool is_host_allowed(std::string_view host_header);

// Methods that only read are always allowed. The rest needs no Origin header at all (`origin`
// empty), one of a loopback address, one of the schemes of desktop applications, or the server's
// own origin.
bool is_origin_allowed(std::string_view method, std::string_view origin,
                       std::string_view host_header);

}  // namespace shimmy::http
