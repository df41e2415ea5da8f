#include "api/embeddings.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>

#include "api/handler_fixture.h"
#include "support/fake_embedder.h"

namespace shimmy::api {
namespace {

using base::ErrorCode;
using generation::Pooling;
using generation::Vector;
using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;

class EmbeddingsTest : public HandlerTest {
 protected:
  EmbeddingsTest() : HandlerTest("/v1/embeddings", embeddings) { engine_->embed_with(embedder_); }

  void TearDown() override {
    HandlerTest::TearDown();
    EXPECT_EQ(embedder_->alive(), 0U);
  }

  std::shared_ptr<support::FakeEmbedder> embedder_ = std::make_shared<support::FakeEmbedder>();
};

TEST_F(EmbeddingsTest, AnswersWithNormalisedVectorsAndUsage) {
  embedder_->script({{3, 4}, {0, 5}});
  const auto [status, body] = reply(R"({"model":"smol","input":["ab","c"]})");
  EXPECT_EQ(status, 200);
  const std::size_t tokens =
      embedder_->requests().at(0).at(0).size() + embedder_->requests().at(0).at(1).size();
  EXPECT_EQ(body, R"({"object":"list","data":[)"
                  R"({"object":"embedding","index":0,"embedding":[0.6,0.8]},)"
                  R"({"object":"embedding","index":1,"embedding":[0,1]}],)"
                  R"("model":"smol","usage":{"prompt_tokens":)" +
                      std::to_string(tokens) + R"(,"total_tokens":)" + std::to_string(tokens) +
                      "}}");
}

TEST_F(EmbeddingsTest, AnswersInBase64WhereAskedFor) {
  embedder_->script({{3, 4}});
  const auto [status, body] = reply(R"({"model":"smol","input":"a","encoding_format":"base64"})");
  EXPECT_EQ(status, 200);
  EXPECT_THAT(body, HasSubstr(R"("embedding":"mpkZP83MTD8=")"));
}

TEST_F(EmbeddingsTest, CutsToTheDimensions) {
  embedder_->script({{3, 4}});
  EXPECT_THAT(reply(R"({"model":"smol","input":"a","dimensions":1})").second,
              HasSubstr(R"("embedding":[1])"));
}

TEST_F(EmbeddingsTest, TokenizesTextAsTheModelWantsItAndTakesTokensAsTheyAre) {
  ask(R"({"model":"smol","input":["<|im_end|>"]})");
  ask(R"({"model":"smol","input":[[5,6],[7]]})");
  EXPECT_THAT(
      embedder_->requests().at(0),
      ElementsAre(engine_->tokenizer().encode("<|im_end|>", true, generation::SpecialText::Plain)));
  EXPECT_THAT(embedder_->requests().at(1), ElementsAre(ElementsAre(5, 6), ElementsAre(7)));
}

TEST_F(EmbeddingsTest, WaitsForVectorsWithoutBlocking) {
  const auto exchange = ask(R"({"model":"smol","input":["a","b"]})");
  EXPECT_FALSE(exchange->response());
  embedder_->emit(0, Vector{1, 0});
  exchange->run_tasks();
  EXPECT_FALSE(exchange->response());
  embedder_->emit(0, Vector{0, 1});
  EXPECT_FALSE(exchange->response());
  exchange->run_tasks();
  ASSERT_TRUE(exchange->response());
  EXPECT_EQ(exchange->response()->status, 200);
  EXPECT_EQ(embedder_->alive(), 0U);
}

TEST_F(EmbeddingsTest, CancelsWhenTheClientGoes) {
  const auto exchange = ask(R"({"model":"smol","input":"a"})");
  EXPECT_EQ(embedder_->alive(), 1U);
  exchange->disconnect();
  EXPECT_EQ(embedder_->alive(), 0U);
}

TEST_F(EmbeddingsTest, RefusesBadRequestsWithOpenAisErrors) {
  const auto [status, body] = reply(R"({"model":"smol","input":[1,"a"]})");
  EXPECT_EQ(status, 400);
  EXPECT_THAT(body,
              AllOf(HasSubstr(R"("type":"invalid_request_error")"),
                    HasSubstr(R"("param":"input[1]")"), HasSubstr(R"("code":"invalid_type")")));
  EXPECT_EQ(reply("{").first, 400);
  EXPECT_EQ(reply(R"({"model":"none","input":"a"})").first, 404);
}

TEST_F(EmbeddingsTest, RefusesTokensThatTheModelDoesNotHave) {
  EXPECT_THAT(refusal(R"({"model":"smol","input":[99999999]})"), HasSubstr(R"("param":"input")"));
  EXPECT_THAT(refusal(R"({"model":"smol","input":[[1],[99999999]]})"),
              HasSubstr(R"("param":"input[1]")"));
}

TEST_F(EmbeddingsTest, RefusesAModelThatCannotEmbed) {
  models_.add("plain");
  const auto [status, body] = reply(R"({"model":"plain","input":"a"})");
  EXPECT_EQ(status, 400);
  EXPECT_THAT(body, HasSubstr("cannot make embeddings"));
}

TEST_F(EmbeddingsTest, SendsUsersOfARankingModelToRerank) {
  engine_->embed_with(
      std::make_shared<support::FakeEmbedder>(generation::EmbedderFacts{1, Pooling::Rank, 16}));
  const auto [status, body] = reply(R"({"model":"smol","input":"a"})");
  EXPECT_EQ(status, 400);
  EXPECT_THAT(body, AllOf(HasSubstr("/v1/rerank"), HasSubstr(R"("param":"model")")));
}

TEST_F(EmbeddingsTest, RefusesMoreDimensionsThanTheModelHas) {
  const auto [status, body] = reply(R"({"model":"smol","input":"a","dimensions":3})");
  EXPECT_EQ(status, 400);
  EXPECT_THAT(body, HasSubstr(R"("code":"integer_above_max_value")"));
  EXPECT_TRUE(embedder_->requests().empty());
}

TEST_F(EmbeddingsTest, AnOverlongInputNamesBothNumbers) {
  embedder_->refuse({ErrorCode::ContextOverflow, "too long", {}, {}});
  const auto [status, body] = reply(R"({"model":"smol","input":[[1,2],[1,2,3]]})");
  EXPECT_EQ(status, 400);
  EXPECT_THAT(body,
              AllOf(HasSubstr("maximum context length is 16 tokens"),
                    HasSubstr("your input resulted in 3 tokens"), HasSubstr(R"("param":"input")"),
                    HasSubstr(R"("code":"context_length_exceeded")")));
}

TEST_F(EmbeddingsTest, OverloadMayBeTriedAgain) {
  embedder_->refuse({ErrorCode::Overloaded, "busy", {}, {}});
  const auto exchange = ask(R"({"model":"smol","input":"a"})");
  ASSERT_TRUE(exchange->response());
  EXPECT_EQ(exchange->response()->status, 503);
  EXPECT_FALSE(exchange->response()->headers.empty());
}

TEST_F(EmbeddingsTest, AFailureInTheMiddleIsTheAnswer) {
  const auto exchange = ask(R"({"model":"smol","input":["a","b"]})");
  embedder_->emit(0, Vector{1, 0});
  embedder_->emit(0, base::fail(ErrorCode::GenerationFailed, "broken"));
  exchange->run_tasks();
  ASSERT_TRUE(exchange->response());
  EXPECT_EQ(exchange->response()->status, 500);
  EXPECT_THAT(exchange->response()->body, HasSubstr("broken"));
  EXPECT_FALSE(exchange->is_answered_twice());
}

TEST_F(EmbeddingsTest, SaysHowLongTheModelIsToStay) {
  ask(R"({"model":"smol","input":"a","keep_alive":"10m"})");
  EXPECT_EQ(models_.last_options().keep_alive, models::KeepAlive{std::chrono::minutes(10)});
  EXPECT_THAT(refusal(R"({"model":"smol","input":"a","keep_alive":"soon"})"),
              HasSubstr(R"("param":"keep_alive")"));
}

}  // namespace
}  // namespace shimmy::api
