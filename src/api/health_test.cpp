#include "api/health.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "support/fake_exchange.h"
#include "support/fake_model_control.h"
#include "support/fake_model_provider.h"

namespace shimmy::api {
namespace {

using testing::ContainsRegex;
using testing::StartsWith;

http::Response reply(const http::Handler& handler) {
  const auto exchange =
      std::make_shared<support::FakeExchange>(support::get_request("/api/health"));
  handler(exchange);
  return exchange->response().value_or(http::Response{0, {}, {}, {}});
}

TEST(Health, CountsLoadedModelsAndMemory) {
  support::FakeModelProvider models;
  support::FakeModelControl control;
  models.add("a");
  models.add("b");
  const http::Response response =
      reply(health({.models = models, .control = control, .version = "0.1.0"}, "healthy"));
  EXPECT_EQ(response.status, 200);
  EXPECT_THAT(response.body, StartsWith(R"({"status":"healthy","models_loaded":2,)"));
  EXPECT_THAT(response.body, ContainsRegex("\"memory_usage\":\"[0-9.]+[kMG]?B\""));
}

TEST(Health, SaysTheWordOfItsPath) {
  support::FakeModelProvider models;
  support::FakeModelControl control;
  EXPECT_THAT(reply(health({.models = models, .control = control, .version = "0.1.0"}, "ok")).body,
              StartsWith(R"({"status":"ok")"));
}

TEST(Health, Is503WhileNotReady) {
  support::FakeModelProvider models;
  support::FakeModelControl control;
  bool ready = false;
  const http::Handler handler = health({.models = models,
                                        .control = control,
                                        .version = "0.1.0",
                                        .is_ready = [&ready] { return ready; }},
                                       "healthy");
  EXPECT_EQ(reply(handler).status, 503);
  EXPECT_THAT(reply(handler).body, StartsWith(R"({"status":"unavailable")"));
  ready = true;
  EXPECT_EQ(reply(handler).status, 200);
}

TEST(Live, NeedsNothing) { EXPECT_EQ(reply(live()).status, 200); }

}  // namespace
}  // namespace shimmy::api
