#include "http/host_name.h"

#include <algorithm>
#include <string_view>

#include "http/text.h"

namespace shimmy::http {
namespace {

bool is_digits(std::string_view text) {
  return std::ranges::all_of(text, [](char c) { return c >= '0' && c <= '9'; });
}

// Strict: "127.evil.example" is a name, not an address.
bool is_loopback_ipv4(std::string_view host) {
  if (!host.starts_with("127.")) return false;
  std::size_t parts = 1;
  while (true) {
    const std::size_t dot = host.find('.');
    const std::string_view part = host.substr(0, dot);
    if (part.empty() || part.size() > 3 || !is_digits(part)) return false;
    if (dot == std::string_view::npos) return parts == 4;
    host.remove_prefix(dot + 1);
    ++parts;
  }
}

}  // namespace

std::string_view host_name(std::string_view authority) {
  authority = trimmed(authority);
  std::string_view name;
  std::string_view rest;
  if (authority.starts_with('[')) {
    const std::size_t end = authority.find(']');
    if (end == std::string_view::npos) return {};
    name = authority.substr(1, end - 1);
    rest = authority.substr(end + 1);
  } else {
    const std::size_t colon = std::min(authority.find(':'), authority.size());
    name = authority.substr(0, colon);
    rest = authority.substr(colon);
  }
  if (!rest.empty() && (rest.front() != ':' || !is_digits(rest.substr(1)))) return {};
  return name;
}

bool is_loopback_host(std::string_view host) {
  constexpr std::string_view kSuffix = ".localhost";
  constexpr std::string_view kMapped = "::ffff:";
  if (host.ends_with('.')) host.remove_suffix(1);
  if (equal_ignoring_case(host.substr(0, kMapped.size()), kMapped)) {
    return is_loopback_ipv4(host.substr(kMapped.size()));
  }
  return host == "::1" || is_loopback_ipv4(host) || equal_ignoring_case(host, "localhost") ||
         (host.size() > kSuffix.size() &&
          equal_ignoring_case(host.substr(host.size() - kSuffix.size()), kSuffix));
}

}  // namespace shimmy::http
