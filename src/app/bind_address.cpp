#include "app/bind_address.h"

#include <arpa/inet.h>
#include <fmt/core.h>

#include <algorithm>
#include <charconv>

namespace shimmy::app {
namespace {

constexpr std::string_view kUnixPrefix = "unix:";

base::Result<std::uint16_t> parse_port(std::string_view digits, std::string_view whole) {
  unsigned value = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
  if (error != std::errc() || end != digits.data() + digits.size() || value > 65535) {
    return base::fail_field("bind", R"("{}" in "{}" is not a port: a number from 0 to 65535 is.)",
                            digits, whole);
  }
  return static_cast<std::uint16_t>(value);
}

bool is_ipv6(std::string_view text) {
  in6_addr address{};
  return inet_pton(AF_INET6, std::string(text.substr(0, text.find('%'))).c_str(), &address) == 1;
}

bool is_host(std::string_view text) {
  if (text.contains(':')) return is_ipv6(text);
  return !text.empty() && std::ranges::all_of(text, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' ||
           c == '-' || c == '_';
  });
}

base::Result<BindAddress> refuse(std::string_view text) {
  return base::fail_field(
      "bind", "\"{}\" is not an address. Write HOST:PORT, as in 127.0.0.1:11435 or [::1]:11435.",
      text);
}

}  // namespace

base::Result<BindAddress> parse_bind_address(std::string_view text) {
  BindAddress address;
  if (text == "auto") return address;
  if (text.starts_with(kUnixPrefix)) {
    address.unix_path = text.substr(kUnixPrefix.size());
    if (address.unix_path.empty()) {
      return base::fail_field(
          "bind", R"("{}" lacks the path of the Unix socket, as in unix:/run/shimmy.sock.)", text);
    }
    return address;
  }
  std::string_view host = text;
  std::string_view rest;
  if (text.starts_with('[')) {
    const std::size_t end = text.find(']');
    if (end == std::string_view::npos) return refuse(text);
    host = text.substr(1, end - 1);
    rest = text.substr(end + 1);
    if (!rest.empty() && !rest.starts_with(':')) return refuse(text);
  } else if (std::ranges::count(text, ':') == 1) {
    host = text.substr(0, text.find(':'));
    rest = text.substr(host.size());
  }
  if (!host.empty() || !rest.starts_with(':') || text.starts_with('[')) {
    if (!is_host(host)) return refuse(text);
    address.host = host;
  }
  if (!rest.empty()) {
    const auto port = parse_port(rest.substr(1), text);
    if (!port) return std::unexpected(port.error());
    address.port = *port;
  }
  return address;
}

std::string to_string(const BindAddress& address) {
  if (!address.unix_path.empty()) return std::string(kUnixPrefix) + address.unix_path;
  const bool brackets = address.host.contains(':');
  return fmt::format("{}{}{}:{}", brackets ? "[" : "", address.host, brackets ? "]" : "",
                     address.port);
}

std::string base_url(const BindAddress& address, bool is_encrypted) {
  const std::string scheme = is_encrypted ? "https://" : "http://";
  if (!address.unix_path.empty()) return scheme + "localhost";
  BindAddress reachable = address;
  if (address.host == "0.0.0.0") reachable.host = "127.0.0.1";
  if (address.host == "::") reachable.host = "::1";
  return scheme + to_string(reachable);
}

bool is_loopback(const BindAddress& address) {
  return !address.unix_path.empty() || address.host == "localhost" || address.host == "::1" ||
         address.host.starts_with("127.");
}

}  // namespace shimmy::app
