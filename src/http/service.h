// What the sessions of one server share.
#pragma once

#include <atomic>
#include <memory>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/guarded.h"
#include "base/log.h"
#include "http/address_count.h"
#include "http/connection_count.h"
#include "http/middleware.h"
#include "http/rate_limits.h"
#include "http/router.h"
#include "http/server.h"
#include "http/worker_pool.h"

namespace shimmy::http {

// What every request passes before its handler. Immutable, so that requests keep what they began
// with while it is exchanged.
struct Gate {
  std::vector<Middleware> chain;
  std::shared_ptr<RateLimits> rates;  // null: none
};

struct Service {
  Service(const ServerOptions& options, Router routes, ErrorRenderer renderer, base::Logger logger);

  // Constant once the server has started:
  const Router router;
  const ErrorRenderer errors;
  const Limits limits;
  const base::Logger log;
  const std::string server_name;
  const std::vector<Header> extra_headers;  // of every answer
  const std::string processing_header;      // names the milliseconds until the answer; empty: none
  const base::SteadyClock clock;

  // Any thread:
  base::Guarded<std::shared_ptr<const Gate>> gate{std::make_shared<const Gate>()};
  WorkerPool workers;
  ConnectionCount connections;
  AddressCount addresses;
  std::atomic<bool> is_draining = false;

  // The caller's error body; a plain one should the renderer throw.
  Response error_response(const Request& request, Problem problem) const;

 private:
  Response rendered(const Request& request, const Problem& problem) const;
};

// For whom the end of the server came first.
Problem stopping_problem();

}  // namespace shimmy::http
