// The steps that every request of a server passes, in their order.
#pragma once

#include <memory>
#include <vector>

#include "http/middleware.h"
#include "http/rate_limits.h"
#include "http/server.h"

namespace shimmy::http {

// Host guard (where only this machine can be meant, or names are configured), origin guard, CORS,
// API keys, rate limits; what is off takes no step. `rates`: null where there are none.
std::vector<Middleware> chain_of(const AccessRules& access, std::shared_ptr<RateLimits> rates,
                                 bool is_loopback_only);

}  // namespace shimmy::http
