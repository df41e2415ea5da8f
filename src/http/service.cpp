#include "http/service.h"

#include <exception>
#include <string>
#include <utility>

namespace shimmy::http {
namespace {

constexpr std::size_t kWorkerQueue = 1024;

}  // namespace

Service::Service(const ServerOptions& options, Router routes, ErrorRenderer renderer,
                 base::Logger logger)
    : router(std::move(routes)),
      errors(std::move(renderer)),
      limits(options.limits),
      log(std::move(logger)),
      server_name(options.server_name),
      workers(options.worker_threads, kWorkerQueue, log) {}

Response Service::error_response(const Request& request, int status, std::string message) const {
  try {
    if (errors) return errors(request, status, message);
  } catch (const std::exception& error) {
    log.error("The error renderer threw: {}.", error.what());
  }
  return {status, "text/plain; charset=utf-8", {}, std::move(message) + "\n"};
}

}  // namespace shimmy::http
