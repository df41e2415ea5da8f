#include "api/routes.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <set>

#include "support/fake_exchange.h"
#include "support/fake_model_control.h"
#include "support/fake_model_provider.h"

namespace shimmy::api {
namespace {

using testing::HasSubstr;

TEST(Routes, LeadEveryDocumentedPathToAHandler) {
  support::FakeModelProvider models;
  support::FakeModelControl control;
  const http::Router router(routes({.models = models, .control = control, .version = "0.1.0"}));
  for (const auto& [method, path] : {std::pair{"POST", "/v1/chat/completions"},
                                     std::pair{"GET", "/v1/models"},
                                     std::pair{"GET", "/v1/models/org/name"},
                                     std::pair{"GET", "/api/models"},
                                     std::pair{"GET", "/api/models/discover"},
                                     std::pair{"POST", "/api/models/pull"},
                                     std::pair{"POST", "/api/reload"},
                                     std::pair{"POST", "/api/models/org/name:q4/load"},
                                     std::pair{"POST", "/api/models/load/unload"},
                                     std::pair{"GET", "/api/models/a/status"},
                                     std::pair{"GET", "/api/health"},
                                     std::pair{"GET", "/health"},
                                     std::pair{"GET", "/ready"},
                                     std::pair{"GET", "/live"},
                                     std::pair{"GET", "/"},
                                     std::pair{"GET", "/api/version"},
                                     std::pair{"GET", "/healthz"},
                                     std::pair{"GET", "/v1/health"},
                                     std::pair{"POST", "/api/generate"},
                                     std::pair{"POST", "/v1/completions"},
                                     std::pair{"POST", "/chat/completions"},
                                     std::pair{"POST", "/completions"},
                                     std::pair{"GET", "/models"},
                                     std::pair{"GET", "/models/a/b"},
                                     std::pair{"POST", "/v1/embeddings"},
                                     std::pair{"POST", "/embeddings"},
                                     std::pair{"POST", "/v1/rerank"},
                                     std::pair{"POST", "/rerank"},
                                     std::pair{"POST", "/tokenize"},
                                     std::pair{"POST", "/detokenize"},
                                     std::pair{"POST", "/apply-template"}}) {
    const auto match = router.match(method, path);
    ASSERT_NE(match.route, nullptr) << path;
    EXPECT_TRUE(match.route->handler) << path;
  }
  ASSERT_NE(router.match("GET", "/ws/generate").route, nullptr);
  EXPECT_TRUE(router.match("GET", "/ws/generate").route->websocket);
  EXPECT_EQ(router.match("POST", "/v1/nothing").route, nullptr);
  EXPECT_THAT(router.match("GET", "/v1/chat/completions").allow, HasSubstr("POST"));
}

TEST(Routes, KeepWhatMayBlockOffTheIoThread) {
  support::FakeModelProvider models;
  support::FakeModelControl control;
  for (const http::Route& route :
       routes({.models = models, .control = control, .version = "0.1.0"})) {
    const std::set<std::string> quick{"/",        "/api/version", "/api/health", "/health",
                                      "/healthz", "/ready",       "/live",       "/v1/health"};
    const bool is_quick = quick.contains(route.pattern);
    EXPECT_EQ(route.runs_on, is_quick ? http::RunsOn::Io : http::RunsOn::Worker) << route.pattern;
  }
}

TEST(RenderError, PicksTheDialectByPath) {
  EXPECT_THAT(render_error(support::get_request("/v1/foo"), {404, "No."}).body,
              HasSubstr(R"("code":"unknown_url")"));
  EXPECT_THAT(render_error(support::get_request("/api/foo"), {404, "No."}).body,
              HasSubstr(R"("code":"invalid_request","details":"No.")"));
  EXPECT_THAT(render_error(support::get_request("/v1x"), {404, "No."}).body,
              HasSubstr(R"("code":"invalid_request")"));
  EXPECT_EQ(render_error(support::get_request("/v1/foo"), {405, "No."}).status, 405);
}

TEST(RenderError, IsOpenAisForEachOfItsRoutesWithoutThePrefix) {
  support::FakeModelProvider models;
  support::FakeModelControl control;
  std::size_t bare = 0;
  const std::vector<http::Route> table =
      routes({.models = models, .control = control, .version = "0.1.0"});
  for (const http::Route& route : table) {
    const std::string prefixed = "/v1" + route.pattern;
    if (std::ranges::find(table, prefixed, &http::Route::pattern) == table.end()) continue;
    if (route.pattern == "/health") continue;  // probes, in every dialect
    ++bare;
    std::string path = route.pattern;
    if (path.ends_with('*')) path.back() = 'x';
    EXPECT_THAT(render_error(support::post_request(path, "{}"), {413, "No."}).body,
                HasSubstr(R"("type":"invalid_request_error")"))
        << path;
  }
  EXPECT_GE(bare, 6U);
}

TEST(RenderError, NamesWhatOfTheOpenAiApiIsAbsent) {
  const auto response = render_error(support::post_request("/v1/audio/speech", "{}"), {404, "No."});
  EXPECT_EQ(response.status, 404);
  EXPECT_THAT(response.body, HasSubstr("no part of the OpenAI API for audio"));
  EXPECT_THAT(response.body, HasSubstr(R"("code":"unknown_url")"));
}

}  // namespace
}  // namespace shimmy::api
