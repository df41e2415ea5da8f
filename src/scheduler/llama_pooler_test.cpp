#include "scheduler/llama_pooler.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <tuple>

#include "llama/backend.h"
#include "support/fixed_claim.h"
#include "support/reference_embedding.h"
#include "support/temp_dir.h"
#include "support/tiny_model.h"

namespace shimmy::scheduler {
namespace {

using generation::Token;
using generation::Vector;
using support::TinyArchitecture;
using support::TinyPooling;
using Inputs = std::vector<std::vector<Token>>;

std::vector<Token> tokens(std::size_t count, std::uint32_t seed) {
  std::vector<Token> result;
  for (std::uint32_t state = seed; result.size() < count;) {
    state = state * 1664525U + 1013904223U;
    result.push_back(static_cast<Token>((state >> 8) % 300));
  }
  return result;
}

// A tiny model on disk and in memory, and a pooler for it.
class Trial {
 public:
  Trial(TinyArchitecture architecture, TinyPooling pooling, LlamaPoolerOptions options = usual())
      : file_(write(architecture, pooling)), model_(load()) {
    options.compute = make_shared_compute(1, false).value();
    options.takes_whole_inputs = architecture == TinyArchitecture::Bert;
    options.memory = claim;
    pooler = std::make_unique<LlamaPooler>(model_, options);
  }

  std::vector<Vector> embed(const Inputs& inputs) const {
    const std::vector<Pooler::Input> views(inputs.begin(), inputs.end());
    auto vectors = pooler->embed(views, [] { return false; });
    EXPECT_TRUE(vectors) << vectors.error().message << vectors.error().details;
    return vectors.value_or(std::vector<Vector>(inputs.size()));
  }

  std::vector<Vector> reference(const Inputs& inputs) const {
    return support::reference_embeddings(
        file_, inputs, /*pooling=*/static_cast<int>(effective_pooling(model_->facts())));
  }

  const std::shared_ptr<support::FixedClaim> claim =
      std::make_shared<support::FixedClaim>(std::uint64_t{1} << 30);
  std::unique_ptr<LlamaPooler> pooler;

 private:
  static LlamaPoolerOptions usual() {
    LlamaPoolerOptions options;
    options.longest_input = 2048;
    return options;
  }

  std::filesystem::path write(TinyArchitecture architecture, TinyPooling pooling) const {
    support::TinyModelOptions options;
    options.architecture = architecture;
    options.pooling = pooling;
    return support::write_tiny_model(directory_.path(), options);
  }

  std::shared_ptr<const llama::Model> load() const {
    static const llama::Backend backend{base::Logger()};
    return llama::Model::load(file_, {.access = llama::FileAccess::Read}).value();
  }

  const support::TempDir directory_;
  const std::filesystem::path file_;
  const std::shared_ptr<const llama::Model> model_;
};

float norm(const Vector& vector) {
  float square = 0;
  for (const float value : vector) square += value * value;
  return std::sqrt(square);
}

// Of vectors scaled to the length 1, as they are sent; a single score stays as it is.
void expect_near(const std::vector<Vector>& actual, const std::vector<Vector>& expected) {
  ASSERT_EQ(actual.size(), expected.size());
  for (std::size_t i = 0; i < actual.size(); ++i) {
    ASSERT_EQ(actual[i].size(), expected[i].size());
    const float length = actual[i].size() == 1 ? 1 : norm(expected[i]);
    for (std::size_t k = 0; k < actual[i].size(); ++k) {
      ASSERT_NEAR(actual[i][k] / length, expected[i][k] / length, 1e-3F)
          << "input " << i << " value " << k;
    }
  }
}

class LlamaPoolerTest : public testing::TestWithParam<std::tuple<TinyArchitecture, TinyPooling>> {
 protected:
  Trial trial{std::get<0>(GetParam()), std::get<1>(GetParam())};
};

TEST_P(LlamaPoolerTest, OneInputIsBitwiseAsLibllamaAlone) {
  const Inputs inputs{tokens(37, 1)};
  EXPECT_EQ(trial.embed(inputs), trial.reference(inputs));
}

TEST_P(LlamaPoolerTest, InputsThatShareABatchAreAsIfAlone) {
  Inputs inputs;
  const std::size_t most = std::min<std::size_t>(12, trial.pooler->limits().batch_inputs);
  for (std::uint32_t i = 1; i <= most; ++i) inputs.push_back(tokens(std::size_t{3} * i, i));
  expect_near(trial.embed(inputs), trial.reference(inputs));
}

TEST_P(LlamaPoolerTest, AnInputLongerThanABatchIsAsInOnePass) {
  const Inputs inputs{tokens(1500, 3)};
  ASSERT_LT(trial.pooler->limits().batch_tokens, inputs.front().size());
  const auto actual = trial.embed(inputs);
  const auto expected = trial.reference(inputs);
  EXPECT_GT(support::cosine(actual[0], expected[0]), 0.9999);
  expect_near(actual, expected);
}

TEST_P(LlamaPoolerTest, NothingIsLeftOfTheBatchBefore) {
  const Inputs inputs{tokens(20, 5)};
  const auto first = trial.embed(inputs);
  trial.embed({tokens(30, 6), tokens(31, 7)});
  EXPECT_EQ(trial.embed(inputs), first);
}

INSTANTIATE_TEST_SUITE_P(Models, LlamaPoolerTest,
                         testing::Values(std::tuple{TinyArchitecture::Bert, TinyPooling::Mean},
                                         std::tuple{TinyArchitecture::Bert, TinyPooling::Cls},
                                         std::tuple{TinyArchitecture::Bert, TinyPooling::Last},
                                         std::tuple{TinyArchitecture::Bert, TinyPooling::None},
                                         std::tuple{TinyArchitecture::Bert, TinyPooling::Rank},
                                         std::tuple{TinyArchitecture::Llama, TinyPooling::None},
                                         std::tuple{TinyArchitecture::Llama, TinyPooling::Last},
                                         std::tuple{TinyArchitecture::Llama, TinyPooling::Cls},
                                         std::tuple{TinyArchitecture::Gemma2, TinyPooling::Mean},
                                         std::tuple{TinyArchitecture::Mamba, TinyPooling::Last},
                                         std::tuple{TinyArchitecture::Mamba, TinyPooling::Mean}));

TEST(LlamaPooler, ARankIsOneScore) {
  const Trial trial(TinyArchitecture::Bert, TinyPooling::Rank);
  const auto scores = trial.embed({tokens(10, 1), tokens(11, 2), tokens(9, 3)});
  for (const Vector& score : scores) EXPECT_EQ(score.size(), 1U);
  EXPECT_NE(scores[0], scores[1]);
}

TEST(LlamaPooler, MakesItsContextAtTheFirstUse) {
  const Trial trial(TinyArchitecture::Bert, TinyPooling::Mean);
  EXPECT_EQ(trial.pooler->room(), 0U);
  trial.embed({tokens(5, 1)});
  EXPECT_EQ(trial.pooler->room(), 512U);
}

TEST(LlamaPooler, GrowsForALongInputAndShrinksAfterAVeryLongOne) {
  LlamaPoolerOptions options;
  options.batch_tokens = 64;
  options.longest_input = 2030;
  const Trial trial(TinyArchitecture::Bert, TinyPooling::Mean, options);
  trial.embed({tokens(200, 1)});
  EXPECT_EQ(trial.pooler->room(), 256U);
  trial.embed({tokens(10, 1)});
  EXPECT_EQ(trial.pooler->room(), 256U);
  trial.embed({tokens(1999, 1)});
  EXPECT_EQ(trial.pooler->room(), 2048U);  // whole inputs of 64 at once
  trial.embed({tokens(10, 1)});
  EXPECT_EQ(trial.pooler->room(), 64U);
}

TEST(LlamaPooler, ClaimsWhatItsContextTakes) {
  const Trial trial(TinyArchitecture::Llama, TinyPooling::Mean);
  EXPECT_EQ(trial.claim->bytes(), 0U);
  trial.embed({tokens(5, 1)});
  const std::uint64_t small = trial.claim->bytes();
  EXPECT_GT(trial.pooler->memory().kv_cache, 0U);
  EXPECT_GT(trial.pooler->memory().compute, 0U);
  EXPECT_EQ(small, trial.pooler->memory().total());
  trial.embed({tokens(2000, 1)});
  EXPECT_GT(trial.claim->bytes(), small);
  EXPECT_EQ(trial.claim->bytes(), trial.pooler->memory().total());
}

TEST(LlamaPooler, RefusesAnInputForWhichThereIsNoMemoryAndTakesTheNext) {
  const Trial trial(TinyArchitecture::Bert, TinyPooling::Mean);
  trial.embed({tokens(5, 1)});
  trial.claim->set_total(trial.claim->bytes());
  const std::vector<Token> input = tokens(2000, 1);
  const auto refused = trial.pooler->embed(std::vector<Pooler::Input>{input}, [] { return false; });
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, base::ErrorCode::Overloaded);
  EXPECT_NE(refused.error().message.find("2048 tokens needs"), std::string::npos);
  EXPECT_EQ(trial.claim->bytes(), 0U);
  EXPECT_EQ(trial.pooler->memory().total(), 0U);
  EXPECT_EQ(trial.embed({tokens(5, 1)}), trial.reference({tokens(5, 1)}));
}

TEST(LlamaPooler, ALongInputIsBoundByTheMemoryForItsOutputs) {
  const base::Memory memory{.total_bytes = 0, .available_bytes = std::uint64_t{4} << 30};
  EXPECT_EQ(longest_whole_input(250'000, memory), 2112U);  // 2 GiB in rows of 1 MB
  EXPECT_GT(longest_whole_input(30'522, memory), 8192U);
  EXPECT_EQ(longest_whole_input(250'000, {}), 64U);
}

TEST(LlamaPooler, AbortsAPassWhenAsked) {
  const Trial trial(TinyArchitecture::Llama, TinyPooling::Mean);
  const std::vector<Token> input = tokens(400, 1);
  const std::vector<Pooler::Input> views{input};
  const auto aborted = trial.pooler->embed(views, [] { return true; });
  ASSERT_FALSE(aborted);
  EXPECT_EQ(aborted.error().code, base::ErrorCode::Cancelled);
  EXPECT_EQ(trial.embed({input}), trial.reference({input}));
}

TEST(LlamaPooler, BatchesAreWholeInputsOfAsManyAsCanBe) {
  LlamaPoolerOptions options;
  options.batch_tokens = 100;
  const Trial small(TinyArchitecture::Llama, TinyPooling::Mean, options);
  EXPECT_EQ(small.pooler->limits().batch_tokens, 128U);
  EXPECT_EQ(small.pooler->limits().batch_inputs, 64U);
  const Trial recurrent(TinyArchitecture::Mamba, TinyPooling::Mean);
  EXPECT_EQ(recurrent.pooler->limits().batch_inputs, 4U);
}

}  // namespace
}  // namespace shimmy::scheduler
