#include "api/health.h"

#include <fmt/format.h>

#include <chrono>

#include "api/replies.h"
#include "base/machine.h"
#include "protocol/native/health.h"

namespace shimmy::api {
namespace {

using SteadyTime = std::chrono::steady_clock::time_point;

std::int64_t seconds_since(SteadyTime start) {
  return std::chrono::duration_cast<std::chrono::seconds>(std::chrono::steady_clock::now() - start)
      .count();
}

}  // namespace

http::Handler health(const Dependencies& dependencies, std::string_view status) {
  return [dependencies, status = std::string(status), start = std::chrono::steady_clock::now()](
             const std::shared_ptr<http::Exchange>& exchange) {
    const bool ready = dependencies.is_ready();
    exchange->respond(json_response(
        protocol::native::encode_health({.status = ready ? std::string_view(status) : "unavailable",
                                         .models_loaded = dependencies.models.loaded(),
                                         .memory_bytes = base::resident_bytes(),
                                         .uptime_seconds = seconds_since(start),
                                         .version = dependencies.version}),
        ready ? 200 : 503));
  };
}

http::Handler version(const Dependencies& dependencies) {
  return [body = protocol::native::encode_version(dependencies.version)](
             const std::shared_ptr<http::Exchange>& exchange) {
    exchange->respond(json_response(body));
  };
}

http::Handler greeting(const Dependencies& dependencies) {
  return [text = fmt::format("shimmy {} is running. OpenAI base URL: /v1\n", dependencies.version)](
             const std::shared_ptr<http::Exchange>& exchange) {
    exchange->respond({.content_type = "text/plain; charset=utf-8", .body = text});
  };
}

http::Handler live() {
  return [](const std::shared_ptr<http::Exchange>& exchange) {
    exchange->respond(json_response(R"({"status":"ok"})"));
  };
}

}  // namespace shimmy::api
