#include "api/routes.h"

#include <fmt/format.h>

#include "api/chat_completions.h"
#include "api/embeddings.h"
#include "api/health.h"
#include "api/models.h"
#include "api/replies.h"
#include "api/rerank.h"
#include "protocol/native/errors.h"
#include "protocol/openai/errors.h"

namespace shimmy::api {

std::vector<http::Route> routes(const Dependencies& dependencies) {
  using enum http::RunsOn;
  return {
      {"POST", "/v1/chat/completions", chat_completions(dependencies), Worker},
      {"POST", "/v1/embeddings", embeddings(dependencies), Worker},
      {"POST", "/embeddings", embeddings(dependencies), Worker},
      {"POST", "/v1/rerank", rerank(dependencies), Worker},
      {"POST", "/rerank", rerank(dependencies), Worker},
      {"GET", "/v1/models", list_models(dependencies), Worker},
      {"GET", "/v1/models/*", retrieve_model(dependencies), Worker},
      {"GET", "/api/models", list_native_models(dependencies), Worker},
      {"GET", "/api/health", health(dependencies, "healthy"), Io},
      {"GET", "/health", health(dependencies, "ok"), Io},
      {"GET", "/ready", health(dependencies, "ok"), Io},
      {"GET", "/live", live(), Io},
  };
}

http::Response render_error(const http::Request& request, int status, const std::string& message) {
  const bool is_openai = request.path == "/v1" || request.path.starts_with("/v1/");
  return error_response(is_openai ? protocol::openai::encode_http_error(status, message)
                                  : protocol::native::encode_http_error(status, message));
}

}  // namespace shimmy::api
