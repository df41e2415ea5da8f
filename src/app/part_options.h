// What the user's options mean for the parts of the server.
#pragma once

#include <vector>

#include "app/options.h"
#include "http/server.h"
#include "pool/memory_budget.h"
#include "pool/model_pool.h"

namespace shimmy::app {

http::AccessRules access_rules(const AccessOptions& access);
http::RateRules rate_rules(const AccessOptions& access);

// `sockets`: that a service manager has opened, to be served in place of the address.
http::ServerOptions server_options(const ServeOptions& options, std::vector<int> sockets);

// The groups are those of `rules` as they stand at each load. `budget` must outlive the pool.
pool::PoolOptions pool_options(const ServeOptions& options, pool::MemoryBudget& budget,
                               const LiveRules& rules);

}  // namespace shimmy::app
