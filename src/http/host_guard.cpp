#include "http/host_guard.h"

#include <fmt/core.h>

#include <algorithm>
#include <string_view>
#include <utility>

#include "http/host_name.h"
#include "http/text.h"

namespace shimmy::http {
namespace {

bool is_name_of(const std::string& machine, std::string_view host) {
  constexpr std::string_view kSuffix = ".local";
  if (machine.empty()) return false;
  const std::string_view domain = host.substr(std::min(machine.size(), host.size()));
  return equal_ignoring_case(host.substr(0, machine.size()), machine) &&
         (domain.empty() || equal_ignoring_case(domain, kSuffix));
}

}  // namespace

bool is_host_allowed(const HostRules& rules, std::string_view host_header) {
  if (host_header.empty()) return true;
  std::string_view host = host_name(host_header);
  if (host.ends_with('.')) host.remove_suffix(1);
  return is_loopback_host(host) || is_name_of(rules.machine_name, host) ||
         std::ranges::any_of(rules.also, [&](const std::string& name) {
           return name == "*" || (!host.empty() && equal_ignoring_case(name, host));
         });
}

Middleware host_guard(HostRules rules) {
  return [rules = std::move(rules)](const Request& request) -> Verdict {
    const std::string_view host = request.header("host");
    if (is_host_allowed(rules, host)) return {};
    return {.answer = std::nullopt,
            .problem = Problem{
                .status = 403,
                .message = fmt::format(
                    "The Host header names \"{}\", but this server only answers to names of this "
                    "machine, such as 127.0.0.1 and localhost, and to those it was configured "
                    "with.",
                    host),
                .code = "host_not_allowed"}};
  };
}

}  // namespace shimmy::http
