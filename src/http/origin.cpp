#include "http/origin.h"

#include <algorithm>
#include <array>
#include <string_view>

#include "http/host_name.h"
#include "http/text.h"

namespace shimmy::http {
namespace {

constexpr std::array<std::string_view, 4> kApplicationSchemes = {"vscode-webview://", "app://",
                                                                 "tauri://", "file://"};

bool starts_with_ignoring_case(std::string_view text, std::string_view prefix) {
  return equal_ignoring_case(text.substr(0, prefix.size()), prefix);
}

bool fits(std::string_view pattern, std::string_view origin) {
  if (pattern == "*") return true;
  const std::size_t star = pattern.find('*');
  if (star == std::string_view::npos) return equal_ignoring_case(pattern, origin);
  const std::string_view before = pattern.substr(0, star);
  const std::string_view after = pattern.substr(star + 1);
  if (origin.size() < before.size() + after.size()) return false;
  const std::size_t end = origin.size() - after.size();
  return equal_ignoring_case(origin.substr(0, star), before) &&
         equal_ignoring_case(origin.substr(end), after) &&
         origin.substr(star, end - star).find('/') == std::string_view::npos;
}

}  // namespace

bool AllowedOrigins::allow(std::string_view origin, std::string_view host_header) const {
  if (std::ranges::any_of(also_, [&](const std::string& p) { return fits(p, origin); })) {
    return true;
  }
  for (const std::string_view scheme : kApplicationSchemes) {
    if (starts_with_ignoring_case(origin, scheme)) return true;
  }
  for (const std::string_view scheme : {"http://", "https://"}) {
    if (!starts_with_ignoring_case(origin, scheme)) continue;
    const std::string_view authority = origin.substr(scheme.size());
    return is_loopback_host(host_name(authority)) ||
           (!authority.empty() && equal_ignoring_case(authority, host_header));
  }
  return false;
}

}  // namespace shimmy::http
