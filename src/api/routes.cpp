#include "api/routes.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <string_view>

#include "api/chat_completions.h"
#include "api/completions.h"
#include "api/embeddings.h"
#include "api/generate.h"
#include "api/generate_socket.h"
#include "api/health.h"
#include "api/model_loading.h"
#include "api/models.h"
#include "api/pull_model.h"
#include "api/reload.h"
#include "api/replies.h"
#include "api/rerank.h"
#include "api/tokenize.h"
#include "protocol/native/errors.h"
#include "protocol/openai/absent_surfaces.h"
#include "protocol/openai/errors.h"

namespace shimmy::api {

std::vector<http::Route> routes(const Dependencies& dependencies) {
  using enum http::RunsOn;
  std::vector<http::Route> table = {
      {"POST", "/api/generate", generate(dependencies), Worker},
      {"GET", "/api/models", list_native_models(dependencies), Worker},
      {"GET", "/api/models/discover", discover_models(dependencies), Worker},
      {"POST", "/api/models/discover", discover_models(dependencies), Worker},
      {"POST", "/api/models/pull", pull_model(dependencies), Worker},
      {"POST", "/api/models/pull/cancel", cancel_pull(dependencies), Worker},
      {"POST", "/api/models/*/load", load_model(dependencies), Worker},
      {"POST", "/api/models/*/unload", unload_model(dependencies), Worker},
      {"GET", "/api/models/*/status", model_status(dependencies), Worker},
      {"POST", "/api/reload", reload(dependencies), Worker},
      {"GET", "/api/version", version(dependencies), Io},
      {"GET", "/api/health", health(dependencies, "healthy"), Io},
      {"GET", "/health", health(dependencies, "ok"), Io},
      {"GET", "/healthz", health(dependencies, "ok"), Io},
      {"GET", "/v1/health", health(dependencies, "ok"), Io},
      {"GET", "/ready", health(dependencies, "ok"), Io},
      {"GET", "/live", live(), Io},
      {"GET", "/", greeting(dependencies), Io},
      {"POST", "/tokenize", tokenize(dependencies), Worker},
      {"POST", "/detokenize", detokenize(dependencies), Worker},
      {"POST", "/apply-template", apply_template(dependencies), Worker},
  };
  table.push_back(http::websocket_route("/ws/generate", generate_socket(dependencies)));
  // Users forget the /v1 of a base URL.
  for (const std::string prefix : {"/v1", ""}) {
    table.push_back({"POST", prefix + "/chat/completions", chat_completions(dependencies), Worker});
    table.push_back({"POST", prefix + "/completions", completions(dependencies), Worker});
    table.push_back({"POST", prefix + "/embeddings", embeddings(dependencies), Worker});
    table.push_back({"POST", prefix + "/rerank", rerank(dependencies), Worker});
    table.push_back({"GET", prefix + "/models", list_models(dependencies), Worker});
    table.push_back({"GET", prefix + "/models/*", retrieve_model(dependencies), Worker});
  }
  return table;
}

namespace {

// Under /v1, or where users forgot that.
bool is_openai_path(std::string_view path) {
  constexpr std::array<std::string_view, 5> kRoots{"/chat/completions", "/completions",
                                                   "/embeddings", "/rerank", "/models"};
  return path == "/v1" || path.starts_with("/v1/") || path.starts_with("/models/") ||
         std::ranges::find(kRoots, path) != kRoots.end();
}

std::string unknown_url(const http::Request& request) {
  const std::string_view absent = protocol::openai::absent_surface(request.path);
  return fmt::format("Unknown request URL: {} {}. {}", request.method, request.path,
                     absent.empty()
                         ? "Check it for typos."
                         : fmt::format("shimmy has no part of the OpenAI API for {}.", absent));
}

}  // namespace

http::Response render_error(const http::Request& request, const http::Problem& problem) {
  namespace openai = protocol::openai;
  const bool is_openai = is_openai_path(request.path);
  if (is_openai && problem.status == 404)
    return error_response(openai::encode_http_error(404, unknown_url(request), problem.code));
  return error_response(
      is_openai ? openai::encode_http_error(problem.status, problem.message, problem.code)
                : protocol::native::encode_http_error(problem.status, problem.message));
}

}  // namespace shimmy::api
