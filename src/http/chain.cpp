#include "http/chain.h"

#include <memory>
#include <utility>
#include <vector>

#include "http/api_keys.h"
#include "http/cors.h"
#include "http/host_guard.h"
#include "http/origin_guard.h"

namespace shimmy::http {

std::vector<Middleware> chain_of(const AccessRules& access, std::shared_ptr<RateLimits> rates,
                                 bool is_loopback_only) {
  std::vector<Middleware> chain;
  if (is_loopback_only || !access.allowed_hosts.empty()) {
    chain.push_back(host_guard({access.machine_name, access.allowed_hosts}));
  }
  const AllowedOrigins origins(access.allowed_origins);
  chain.push_back(origin_guard(origins));
  chain.push_back(cors(origins));
  if (!access.api_keys.empty()) chain.push_back(api_keys(access.api_keys, access.open_paths));
  if (rates) chain.push_back(rate_limits(std::move(rates), access.open_paths));
  return chain;
}

}  // namespace shimmy::http
