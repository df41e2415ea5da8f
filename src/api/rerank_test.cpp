#include "api/rerank.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>

#include "api/handler_fixture.h"
#include "support/fake_embedder.h"

namespace shimmy::api {
namespace {

using base::ErrorCode;
using generation::Pooling;
using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;

constexpr const char* kTwo = R"({"model":"smol","query":"q","documents":["a",{"text":"b"}]})";

class RerankTest : public HandlerTest {
 protected:
  RerankTest() : HandlerTest("/v1/rerank", rerank) { engine_->embed_with(embedder_); }

  void TearDown() override {
    HandlerTest::TearDown();
    EXPECT_EQ(embedder_->alive(), 0U);
  }

  std::shared_ptr<support::FakeEmbedder> embedder_ =
      std::make_shared<support::FakeEmbedder>(generation::EmbedderFacts{1, Pooling::Rank, 16});
};

TEST_F(RerankTest, GivesTheBestDocumentFirst) {
  embedder_->script({{-1}, {2}});
  const auto [status, body] = reply(kTwo);
  EXPECT_EQ(status, 200);
  EXPECT_EQ(body,
            R"({"model":"smol","object":"list","usage":{"prompt_tokens":6,"total_tokens":6},)"
            R"("results":[{"index":1,"relevance_score":2},{"index":0,"relevance_score":-1}]})");
}

TEST_F(RerankTest, AsksTheModelForPairs) {
  ask(kTwo);
  EXPECT_THAT(embedder_->requests().at(0),
              ElementsAre(ElementsAre('q', 0, 'a'), ElementsAre('q', 0, 'b')));
}

TEST_F(RerankTest, TakesTheFirstOfSeveralScores) {
  embedder_->script({{0.25F, 9}, {0.5F, 8}});
  EXPECT_THAT(reply(kTwo).second, HasSubstr(R"([{"index":1,"relevance_score":0.5})"));
}

TEST_F(RerankTest, SaysWhatKindOfModelItNeeds) {
  models_.add("plain");
  models_.add("mini")->embed_with(std::make_shared<support::FakeEmbedder>());
  for (const std::string model : {"plain", "mini"}) {
    const auto [status, body] =
        reply(R"({"model":")" + model + R"(","query":"q","documents":["a"]})");
    EXPECT_EQ(status, 400) << model;
    EXPECT_THAT(body, AllOf(HasSubstr("reranking model"), HasSubstr(R"("param":"model")")));
  }
}

TEST_F(RerankTest, RefusesBadRequests) {
  EXPECT_EQ(reply("").first, 400);
  EXPECT_EQ(reply(R"({"model":"none","query":"q","documents":["a"]})").first, 404);
  const auto [status, body] = reply(R"({"model":"smol","query":"q","documents":[]})");
  EXPECT_EQ(status, 400);
  EXPECT_THAT(body, HasSubstr(R"("param":"documents")"));
}

TEST_F(RerankTest, AnOverlongDocumentNamesBothNumbers) {
  embedder_->refuse({ErrorCode::ContextOverflow, "too long", {}, {}});
  const auto [status, body] = reply(kTwo);
  EXPECT_EQ(status, 400);
  EXPECT_THAT(body, AllOf(HasSubstr("16 tokens"), HasSubstr("3 tokens"),
                          HasSubstr(R"("param":"documents")")));
}

TEST_F(RerankTest, CancelsWhenTheClientGoes) {
  const auto exchange = ask(kTwo);
  EXPECT_EQ(embedder_->alive(), 1U);
  exchange->disconnect();
  EXPECT_EQ(embedder_->alive(), 0U);
}

TEST_F(RerankTest, SaysHowLongTheModelIsToStay) {
  ask(R"({"model":"smol","query":"a","documents":["b"],"keep_alive":"10m"})");
  EXPECT_EQ(models_.last_options().keep_alive, models::KeepAlive{std::chrono::minutes(10)});
  EXPECT_THAT(refusal(R"({"model":"smol","query":"a","documents":["b"],"keep_alive":"soon"})"),
              HasSubstr(R"("param":"keep_alive")"));
}

}  // namespace
}  // namespace shimmy::api
