// Where the server listens, as users write it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/error.h"

namespace shimmy::app {

struct BindAddress {
  std::string host = "127.0.0.1";  // IPv6 without brackets
  std::uint16_t port = 11435;
  std::string unix_path{};  // of a Unix socket in place of host and port; empty: none
};

// "HOST:PORT", "HOST", ":PORT", "[IPV6]:PORT", an IPv6 address alone, "unix:PATH", or "auto" for
// the default. What is left out keeps its default. Fails with InvalidRequest.
base::Result<BindAddress> parse_bind_address(std::string_view text);

// "127.0.0.1:11435", "[::1]:11435", "unix:/run/shimmy.sock".
std::string to_string(const BindAddress& address);

// The base URL to reach the address from this machine: a wildcard address becomes loopback. Of a
// Unix socket it is that for a client that was told the path. `is_encrypted`: with https.
std::string base_url(const BindAddress& address, bool is_encrypted = false);

// True for addresses that only this machine can reach, Unix sockets among them.
bool is_loopback(const BindAddress& address);

}  // namespace shimmy::app
