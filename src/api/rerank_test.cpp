#include "api/rerank.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "support/fake_embedder.h"
#include "support/fake_exchange.h"
#include "support/fake_model_provider.h"

namespace shimmy::api {
namespace {

using base::ErrorCode;
using generation::Pooling;
using support::FakeExchange;
using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;

constexpr const char* kTwo = R"({"model":"judge","query":"q","documents":["a",{"text":"b"}]})";

class RerankTest : public testing::Test {
 protected:
  void SetUp() override { engine_->embed_with(embedder_); }

  void TearDown() override {
    for (const auto& exchange : exchanges_) exchange->disconnect();
    EXPECT_EQ(embedder_->alive(), 0U);
  }

  std::shared_ptr<FakeExchange> ask(const std::string& body) {
    auto exchange = std::make_shared<FakeExchange>(support::post_request("/v1/rerank", body));
    exchanges_.push_back(exchange);
    handler_(exchange);
    exchange->run_tasks();
    return exchange;
  }

  std::pair<int, std::string> reply(const std::string& body) {
    const auto exchange = ask(body);
    if (!exchange->response()) return {0, "no answer"};
    return {exchange->response()->status, exchange->response()->body};
  }

  std::vector<std::shared_ptr<FakeExchange>> exchanges_;
  support::FakeModelProvider models_;
  std::shared_ptr<support::FakeEngine> engine_ = models_.add("judge");
  std::shared_ptr<support::FakeEmbedder> embedder_ =
      std::make_shared<support::FakeEmbedder>(generation::EmbedderFacts{1, Pooling::Rank, 16});
  http::Handler handler_ = rerank({.models = models_, .version = "0.1.0"});
};

TEST_F(RerankTest, GivesTheBestDocumentFirst) {
  embedder_->script({{-1}, {2}});
  const auto [status, body] = reply(kTwo);
  EXPECT_EQ(status, 200);
  EXPECT_EQ(body,
            R"({"model":"judge","object":"list","usage":{"prompt_tokens":6,"total_tokens":6},)"
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
  const auto [status, body] = reply(R"({"model":"judge","query":"q","documents":[]})");
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

}  // namespace
}  // namespace shimmy::api
