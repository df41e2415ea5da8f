// What the sessions of one server share.
#pragma once

#include <atomic>
#include <memory>
#include <string>

#include "base/log.h"
#include "http/connection_count.h"
#include "http/router.h"
#include "http/server.h"
#include "http/worker_pool.h"

namespace shimmy::http {

struct Service {
  Service(const ServerOptions& options, Router routes, ErrorRenderer renderer, base::Logger logger);

  // Constant once the server has started:
  const Router router;
  const ErrorRenderer errors;
  const Limits limits;
  const base::Logger log;
  const std::string server_name;
  bool is_loopback_only = true;  // then only loopback names are taken for ours

  // Any thread:
  WorkerPool workers;
  ConnectionCount connections;
  std::atomic<bool> is_draining = false;

  // The caller's error body; a plain one should the renderer throw.
  Response error_response(const Request& request, int status, std::string message) const;
};

}  // namespace shimmy::http
