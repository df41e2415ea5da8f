#include "http/service.h"

#include <exception>
#include <memory>
#include <string>
#include <utility>

#include "http/text.h"

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
      extra_headers(options.extra_headers),
      processing_header(options.processing_header),
      workers(options.worker_threads, kWorkerQueue, log),
      addresses(limits.connections_per_address, limits.connections_per_loopback_address) {}

Problem stopping_problem() {
  return {.status = 503, .message = "The server is stopping.", .headers = {{"Retry-After", "5"}}};
}

Response Service::error_response(const Request& request, Problem problem) const {
  Response response = rendered(request, problem);
  for (Header& header : problem.headers) {
    // Ours know better than the renderer's, as with Retry-After.
    std::erase_if(response.headers, [&](const Header& other) {
      return equal_ignoring_case(other.name, header.name);
    });
    response.headers.push_back(std::move(header));
  }
  return response;
}

Response Service::rendered(const Request& request, const Problem& problem) const {
  try {
    if (errors) return errors(request, problem);
  } catch (const std::exception& error) {
    log.error("The error renderer threw: {}.", error.what());
  }
  return {problem.status, "text/plain; charset=utf-8", {}, problem.message + "\n"};
}

}  // namespace shimmy::http
