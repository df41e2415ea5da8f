#include "scheduler/embedding_engine.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "support/fake_embedder.h"
#include "support/fake_engine.h"

namespace shimmy::scheduler {
namespace {

using base::ErrorCode;

class EmbeddingEngineTest : public testing::Test {
 protected:
  std::shared_ptr<support::FakeEngine> generator = std::make_shared<support::FakeEngine>();
  std::shared_ptr<support::FakeEmbedder> embedder = std::make_shared<support::FakeEmbedder>();
  int made = 0;
  EmbeddingEngine engine{generator, [this] {
                           ++made;
                           return embedder;
                         }};

  static generation::Request request() {
    generation::Request request;
    request.prompt = {1};
    return request;
  }
};

TEST_F(EmbeddingEngineTest, LeavesGenerationToTheOtherEngine) {
  generator->script({support::text_event("hi"), support::finished_event()});
  const auto generation = engine.submit(request());
  ASSERT_TRUE(generation);
  EXPECT_EQ(std::get<generation::TextEvent>(*(*generation)->next()).text, "hi");
  EXPECT_EQ(engine.facts().name, generator->facts().name);
  EXPECT_EQ(&engine.tokenizer(), &generator->tokenizer());
}

TEST_F(EmbeddingEngineTest, MakesOneEmbedderAtTheFirstUse) {
  EXPECT_EQ(engine.load().running, 0U);
  EXPECT_TRUE(engine.wait_idle());
  EXPECT_EQ(made, 0);
  EXPECT_EQ(*engine.embedder(), embedder);
  EXPECT_EQ(*engine.embedder(), embedder);
  EXPECT_EQ(made, 1);
}

TEST_F(EmbeddingEngineTest, CountsTheEmbeddersWork) {
  const auto generation = engine.submit(request());
  const auto embedding = (*engine.embedder())->submit({{1}});
  EXPECT_EQ(engine.load().running, 2U);
}

TEST_F(EmbeddingEngineTest, DrainsBoth) {
  const auto known = *engine.embedder();
  engine.drain();
  EXPECT_EQ(engine.submit(request()).error().code, ErrorCode::Unavailable);
  EXPECT_EQ(known->submit({{1}}).error().code, ErrorCode::Unavailable);
  EXPECT_EQ(engine.embedder().error().code, ErrorCode::Unavailable);
}

TEST_F(EmbeddingEngineTest, MakesNoEmbedderAfterDraining) {
  engine.drain();
  EXPECT_EQ(engine.embedder().error().code, ErrorCode::Unavailable);
  EXPECT_EQ(made, 0);
}

TEST_F(EmbeddingEngineTest, IsIdleWhenBothAre) {
  const auto embedding = (*engine.embedder())->submit({{1}});
  std::stop_source stop;
  stop.request_stop();
  EXPECT_FALSE(engine.wait_idle(stop.get_token()));
  embedder->emit(0, generation::Vector{1, 2});
  EXPECT_TRUE(engine.wait_idle());
}

TEST(EncoderEngine, RefusesToGenerateAndSaysWhy) {
  generation::ModelFacts facts;
  facts.architecture = "bert";
  EncoderEngine engine(facts, std::make_shared<support::ByteTokenizer>());
  const auto refused = engine.submit({});
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::InvalidRequest);
  EXPECT_THAT(refused.error().message, testing::HasSubstr("embedding model (bert)"));
  EXPECT_TRUE(engine.wait_idle());
  EXPECT_EQ(engine.load().queued, 0U);
}

}  // namespace
}  // namespace shimmy::scheduler
