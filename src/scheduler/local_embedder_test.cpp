#include "scheduler/local_embedder.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <future>
#include <limits>
#include <stdexcept>

#include "support/fake_pooler.h"

namespace shimmy::scheduler {
namespace {

using base::ErrorCode;
using generation::Embedding;
using generation::Token;
using generation::Vector;
using testing::ElementsAre;
using testing::HasSubstr;
using Inputs = std::vector<std::vector<Token>>;

class LocalEmbedderTest : public testing::Test {
 protected:
  static EmbedderParts parts(std::unique_ptr<Pooler> pooler) {
    EmbedderParts parts;
    parts.pooler = std::move(pooler);
    parts.facts = {2, generation::Pooling::Mean, 20};
    parts.vocabulary_size = 1000;
    parts.max_queued = 4;
    return parts;
  }

  // `count` inputs of `size` tokens each, whose first tokens count up from `first`.
  static Inputs inputs(std::size_t count, std::size_t size, Token first = 0) {
    Inputs result;
    for (std::size_t i = 0; i < count; ++i) {
      result.emplace_back(size, first + static_cast<Token>(i));
    }
    return result;
  }

  std::unique_ptr<Embedding> submit(Inputs wanted) {
    auto embedding = embedder->submit(std::move(wanted));
    EXPECT_TRUE(embedding) << embedding.error().message;
    return std::move(*embedding);
  }

  ErrorCode refusal(Inputs wanted) {
    const auto embedding = embedder->submit(std::move(wanted));
    return embedding ? ErrorCode::Internal : embedding.error().code;
  }

  static std::vector<Vector> all(Embedding& embedding) {
    std::vector<Vector> vectors;
    while (auto vector = embedding.next()) {
      EXPECT_TRUE(*vector) << vector->error().message;
      if (!*vector) break;
      vectors.push_back(**vector);
    }
    return vectors;
  }

  static ErrorCode error_of(Embedding& embedding) {
    while (auto vector = embedding.next()) {
      if (!*vector) return vector->error().code;
    }
    ADD_FAILURE() << "no error came";
    return ErrorCode::Internal;
  }

  // The fake waits in its first batch while the test queues more.
  std::unique_ptr<Embedding> keep_busy() {
    pooler->close();
    auto first = submit(inputs(1, 1, 900));
    pooler->wait_for_batches(1);
    return first;
  }

  support::FakePooler* pooler = new support::FakePooler;  // the embedder owns it
  std::unique_ptr<LocalEmbedder> embedder =
      std::make_unique<LocalEmbedder>(parts(std::unique_ptr<Pooler>(pooler)));
};

TEST_F(LocalEmbedderTest, AnswersInTheOrderOfTheInputs) {
  const auto embedding = submit({{5, 1}, {7}, {6, 6, 6}});
  EXPECT_THAT(all(*embedding), ElementsAre(Vector{5, 2}, Vector{7, 1}, Vector{6, 3}));
  EXPECT_FALSE(embedding->next());
}

TEST_F(LocalEmbedderTest, FillsABatchUpToItsTokensAndItsInputs) {
  const auto embedding = submit({{1, 1, 1}, {2, 2, 2}, {3, 3, 3}, {4}, {5}, {6}, {7}, {8}});
  EXPECT_EQ(all(*embedding).size(), 8U);
  // 8 tokens and 4 inputs are the fake's limits.
  EXPECT_THAT(pooler->batches(),
              ElementsAre(ElementsAre(1, 2), ElementsAre(3, 4, 5, 6), ElementsAre(7, 8)));
}

TEST_F(LocalEmbedderTest, AnInputLargerThanABatchGoesAlone) {
  const auto embedding = submit({std::vector<Token>(12, 1), {2}});
  EXPECT_EQ(all(*embedding).front(), (Vector{1, 12}));
  EXPECT_THAT(pooler->batches(), ElementsAre(ElementsAre(1), ElementsAre(2)));
}

TEST_F(LocalEmbedderTest, PutsInputsOfSeveralRequestsIntoOneBatch) {
  const auto busy = keep_busy();
  const auto first = submit(inputs(1, 1, 1));
  const auto second = submit(inputs(2, 1, 10));
  pooler->open();
  EXPECT_EQ(all(*first).size(), 1U);
  EXPECT_THAT(all(*second), ElementsAre(Vector{10, 1}, Vector{11, 1}));
  EXPECT_THAT(pooler->batches().at(1), testing::UnorderedElementsAre(1, 10, 11));
}

TEST_F(LocalEmbedderTest, ARequestOfManyInputsDoesNotStarveASmallOne) {
  const auto busy = keep_busy();
  const auto large = submit(inputs(100, 4, 100));
  const auto small = submit(inputs(1, 4, 1));
  pooler->open();
  EXPECT_EQ(all(*small).size(), 1U);
  EXPECT_THAT(pooler->batches().at(1), testing::Contains(1));
  EXPECT_EQ(all(*large).size(), 100U);
}

TEST_F(LocalEmbedderTest, AnInputThatNeverFitsBesideOthersGetsItsTurn) {
  const auto busy = keep_busy();
  const auto small = submit(inputs(200, 1, 100));
  const auto large = submit({std::vector<Token>(12, 1)});
  pooler->open();
  EXPECT_THAT(all(*large), ElementsAre(Vector{1, 12}));
  EXPECT_THAT(pooler->batches(), testing::Contains(std::vector<Token>{1}));
  EXPECT_EQ(all(*small).size(), 200U);
}

TEST_F(LocalEmbedderTest, WakesItsReader) {
  const auto busy = keep_busy();
  const auto embedding = submit(inputs(1, 1));
  EXPECT_FALSE(embedding->poll());
  std::promise<void> woken;
  embedding->on_vector([&] { woken.set_value(); });
  pooler->open();
  ASSERT_EQ(woken.get_future().wait_for(std::chrono::seconds(10)), std::future_status::ready);
  EXPECT_TRUE(embedding->poll());
}

TEST_F(LocalEmbedderTest, DestroyingAnEmbeddingAbortsItsPass) {
  keep_busy().reset();
  EXPECT_TRUE(embedder->wait_idle());
  EXPECT_EQ(pooler->aborted(), 1U);
}

TEST_F(LocalEmbedderTest, APassGoesOnWhileSomebodyWantsIt) {
  const auto busy = keep_busy();
  auto unwanted = submit(inputs(1, 1, 1));
  const auto wanted = submit(inputs(1, 1, 2));
  pooler->open();
  unwanted.reset();
  EXPECT_EQ(all(*wanted).size(), 1U);
  EXPECT_EQ(pooler->aborted(), 0U);
}

TEST_F(LocalEmbedderTest, ACancelledRequestIsNotBegun) {
  const auto busy = keep_busy();
  submit(inputs(3, 1, 1)).reset();
  pooler->open();
  EXPECT_TRUE(embedder->wait_idle());
  EXPECT_THAT(pooler->batches(), ElementsAre(ElementsAre(900)));
}

TEST_F(LocalEmbedderTest, RefusesWhatCannotBeEmbedded) {
  EXPECT_EQ(refusal({}), ErrorCode::InvalidRequest);
  EXPECT_EQ(refusal({{1}, {}}), ErrorCode::InvalidRequest);
  EXPECT_EQ(refusal({{-1}}), ErrorCode::InvalidRequest);
  EXPECT_EQ(refusal({{1, 1000}}), ErrorCode::InvalidRequest);
  EXPECT_EQ(refusal({std::vector<Token>(21, 1)}), ErrorCode::ContextOverflow);
  EXPECT_TRUE(pooler->batches().empty());
}

TEST_F(LocalEmbedderTest, AnOverlongInputIsNamedWithBothNumbers) {
  const auto embedding = embedder->submit({std::vector<Token>(21, 1)});
  ASSERT_FALSE(embedding);
  EXPECT_THAT(embedding.error().message, testing::AllOf(HasSubstr("21"), HasSubstr("20")));
}

TEST_F(LocalEmbedderTest, RefusesMoreRequestsThanTheQueueHolds) {
  const auto busy = keep_busy();
  std::vector<std::unique_ptr<Embedding>> waiting;
  for (int i = 0; i < 3; ++i) waiting.push_back(submit(inputs(1, 1)));
  EXPECT_EQ(refusal(inputs(1, 1)), ErrorCode::Overloaded);
  EXPECT_EQ(embedder->load().queued, 3U);
  EXPECT_EQ(embedder->load().running, 1U);
  pooler->open();
  EXPECT_TRUE(embedder->wait_idle());
  EXPECT_EQ(all(*submit(inputs(1, 1))).size(), 1U);
}

TEST_F(LocalEmbedderTest, DrainingRefusesAndFinishesWhatRuns) {
  const auto busy = keep_busy();
  embedder->drain();
  EXPECT_EQ(refusal(inputs(1, 1)), ErrorCode::Unavailable);
  pooler->open();
  EXPECT_TRUE(embedder->wait_idle());
  EXPECT_EQ(all(*busy).size(), 1U);
}

TEST_F(LocalEmbedderTest, WaitIdleEndsWhenAskedToStop) {
  const auto busy = keep_busy();
  std::stop_source stop;
  stop.request_stop();
  EXPECT_FALSE(embedder->wait_idle(stop.get_token()));
}

TEST_F(LocalEmbedderTest, StoppingEndsRunningAndWaitingRequestsWithUnavailable) {
  const auto running = keep_busy();
  const auto waiting = submit(inputs(2, 1));
  embedder.reset();
  EXPECT_EQ(error_of(*running), ErrorCode::Unavailable);
  EXPECT_EQ(error_of(*waiting), ErrorCode::Unavailable);
  EXPECT_FALSE(waiting->next());
}

TEST_F(LocalEmbedderTest, AFailedPassIsTheErrorOfItsRequestsOnly) {
  pooler->answer([] { return base::fail(ErrorCode::GenerationFailed, "broken"); });
  EXPECT_EQ(error_of(*submit(inputs(9, 1))), ErrorCode::GenerationFailed);
  EXPECT_TRUE(embedder->wait_idle());
  pooler->answer(nullptr);
  EXPECT_EQ(all(*submit(inputs(9, 1))).size(), 9U);
}

TEST_F(LocalEmbedderTest, APassThatThrowsIsAnInternalError) {
  pooler->answer([]() -> base::Result<std::vector<Vector>> { throw std::runtime_error("boom"); });
  EXPECT_EQ(error_of(*submit(inputs(1, 1))), ErrorCode::Internal);
}

TEST_F(LocalEmbedderTest, AValueThatIsNoNumberIsAnError) {
  pooler->answer([] { return std::vector<Vector>{{1, std::numeric_limits<float>::quiet_NaN()}}; });
  EXPECT_EQ(error_of(*submit(inputs(1, 1))), ErrorCode::GenerationFailed);
}

TEST_F(LocalEmbedderTest, CountsItsWork) {
  all(*submit(inputs(4, 2)));
  EXPECT_TRUE(embedder->wait_idle());
  EXPECT_EQ(embedder->load().tokens, 8U);
  EXPECT_EQ(embedder->load().steps, 1U);
  EXPECT_EQ(embedder->load().running, 0U);
}

TEST_F(LocalEmbedderTest, EncodesNoPairsUnlessTheModelRanks) {
  const std::vector<std::string> documents{"a", "b"};
  EXPECT_TRUE(embedder->encode_pairs("q", documents).empty());
  EmbedderParts ranking = parts(std::make_unique<support::FakePooler>());
  ranking.encode_pair = [](std::string_view query, std::string_view document) {
    return std::vector<Token>{query.front(), document.front()};
  };
  EXPECT_THAT(LocalEmbedder(std::move(ranking)).encode_pairs("q", documents),
              ElementsAre(ElementsAre('q', 'a'), ElementsAre('q', 'b')));
}

}  // namespace
}  // namespace shimmy::scheduler
