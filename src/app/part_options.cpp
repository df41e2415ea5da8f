#include "app/part_options.h"

#include <fmt/core.h>
#include <unistd.h>

#include <array>
#include <utility>

#include "app/memory_settings.h"
#include "app/version.h"

namespace shimmy::app {
namespace {

std::string machine_name() {
  std::array<char, 256> name{};
  return ::gethostname(name.data(), name.size() - 1) == 0 ? name.data() : "";
}

std::vector<pool::LoadGroup> groups_of(const ModelRules& rules) {
  std::vector<pool::LoadGroup> groups;
  groups.reserve(rules.groups.size());
  for (const ModelGroup& group : rules.groups) {
    groups.push_back({group.name, group.models, group.at_most});
  }
  return groups;
}

}  // namespace

http::AccessRules access_rules(const AccessOptions& access) {
  http::AccessRules rules;
  rules.machine_name = machine_name();
  rules.allowed_hosts = access.allowed_hosts;
  rules.allowed_origins = access.allowed_origins;
  rules.api_keys = access.api_keys;
  return rules;
}

http::RateRules rate_rules(const AccessOptions& access) {
  return {.requests_per_minute = access.requests_per_minute,
          .units_per_minute = access.tokens_per_minute,
          .units_name = "tokens"};
}

http::ServerOptions server_options(const ServeOptions& options, std::vector<int> sockets) {
  http::ServerOptions result;
  const bool is_unix = !options.bind.unix_path.empty();
  result.address = is_unix ? to_string(options.bind) : options.bind.host;
  result.port = options.bind.port;
  result.inherited_sockets = std::move(sockets);
  result.tls_certificate = options.tls_certificate;
  result.tls_key = options.tls_key;
  result.access = access_rules(options.access);
  result.rates = rate_rules(options.access);
  // OpenAI's names: clients log them.
  result.processing_header = "openai-processing-ms";
  result.extra_headers = {{"openai-version", "2020-10-01"}};
  result.server_name = fmt::format("shimmy/{}", version());
  return result;
}

pool::PoolOptions pool_options(const ServeOptions& options, pool::MemoryBudget& budget,
                               const LiveRules& rules) {
  return {.keep_alive = options.keep_alive,
          .budget = &budget,
          .forecast = memory_forecaster(options),
          .groups = [rules] { return groups_of(*rules.current()); }};
}

}  // namespace shimmy::app
