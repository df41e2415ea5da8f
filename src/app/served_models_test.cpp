#include "app/served_models.h"

#include <gtest/gtest.h>

namespace shimmy::app {
namespace {

constexpr const char* kStatus = R"({"name":"phi","state":"ready","progress":1,"reason":null,
  "memory":{"weights_bytes":10,"kv_cache_bytes":20,"compute_bytes":30,"total_bytes":60},
  "requests":{"active":2,"queued":3},"context":{"tokens":100,"limit":200,"used":50},
  "last_used":1700000000,"keep_alive_seconds":300,"pinned":true,"shares_memory_with":["pirate",1],
  "speed":{"prefill_tokens_per_second":1000.5,"decode_tokens_per_second":50}})";

TEST(ServedModels, ReadAStatus) {
  const ServedStatus status = parse_served_status(kStatus).value();
  EXPECT_EQ(status.name, "phi");
  EXPECT_EQ(status.state, "ready");
  EXPECT_EQ(status.reason, "");
  EXPECT_EQ(status.weights_bytes, 10U);
  EXPECT_EQ(status.kv_cache_bytes, 20U);
  EXPECT_EQ(status.compute_bytes, 30U);
  EXPECT_EQ(status.total_bytes, 60U);
  EXPECT_EQ(status.active_requests, 2U);
  EXPECT_EQ(status.queued_requests, 3U);
  EXPECT_EQ(status.context_tokens, 100U);
  EXPECT_EQ(status.context_limit, 200U);
  EXPECT_EQ(status.context_used, 50U);
  EXPECT_EQ(status.last_used, 1700000000);
  EXPECT_EQ(status.keep_alive_seconds, 300);
  EXPECT_TRUE(status.is_pinned);
  EXPECT_EQ(status.shares_with, std::vector<std::string>{"pirate"});
  EXPECT_EQ(status.prefill_speed, 1000.5);
  EXPECT_EQ(status.decode_speed, 50);
}

TEST(ServedModels, TakeAnAnswerOfLoadOrUnload) {
  const ServedStatus status =
      parse_served_status(R"({"message":"ok","status":"success","model":"phi","loaded":false,
                             "state":"unloaded"})")
          .value();
  EXPECT_EQ(status.name, "phi");
  EXPECT_EQ(status.state, "unloaded");
  EXPECT_FALSE(status.last_used);
  EXPECT_FALSE(status.keep_alive_seconds);
}

TEST(ServedModels, ReadTheList) {
  const auto models =
      parse_served_models(
          std::string(R"({"models":[{"id":"a","name":"a"},{"name":"phi","status":)") + kStatus +
          "}]}")
          .value();
  ASSERT_EQ(models.size(), 2U);
  EXPECT_EQ(models[0].name, "a");
  EXPECT_EQ(models[0].state, "");
  EXPECT_EQ(models[1].state, "ready");
}

TEST(ServedModels, SurviveOtherTypes) {
  const auto status = parse_served_status(
      R"({"name":"a","state":"ready","memory":[],"requests":{"active":"x","queued":-1},
          "context":{"tokens":1e300},"last_used":"x","pinned":1})");
  ASSERT_TRUE(status);
  EXPECT_EQ(status->active_requests, 0U);
  EXPECT_EQ(status->queued_requests, 0U);
  EXPECT_EQ(status->context_tokens, 0U);
  EXPECT_FALSE(status->last_used);
  EXPECT_FALSE(status->is_pinned);
}

TEST(ServedModels, RefuseWhatShimmyNeverSays) {
  for (const char* body : {"", "x", "[]", "{}", R"({"models":{}})", R"({"models":[1]})"}) {
    EXPECT_FALSE(parse_served_models(body)) << body;
  }
  for (const char* body : {"", "[]", "{}", R"({"name":"a"})", R"({"state":"ready"})"}) {
    EXPECT_FALSE(parse_served_status(body)) << body;
  }
}

}  // namespace
}  // namespace shimmy::app
