#include "scheduler/chain_sampler.h"

#include <gtest/gtest.h>

#include <map>
#include <memory>
#include <random>
#include <set>
#include <string>
#include <vector>

#include "llama/backend.h"
#include "llama/model.h"
#include "scheduler/llama_decoder.h"
#include "support/temp_dir.h"
#include "support/tiny_model.h"

namespace shimmy::scheduler {
namespace {

using generation::Request;
using Kind = generation::Constraint::Kind;

class Choosing : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    backend = std::make_unique<llama::Backend>(base::Logger());
    const support::TempDir directory;
    model = llama::Model::load(support::write_tiny_model(directory.path()), {.access = llama::FileAccess::Read})
                .value();
    tokenizer = std::make_shared<LlamaTokenizer>(model);
    compiler = std::make_unique<grammar::Compiler>(tokenizer);
  }
  static void TearDownTestSuite() {
    compiler.reset();
    tokenizer.reset();
    model.reset();
    backend.reset();
  }

  static Request request(float temperature) {
    Request request;
    request.prompt = {1, 2, 3};
    request.sampling.temperature = temperature;
    request.sampling.top_p = 1;
    request.sampling.min_p = 0;
    request.sampling.seed = 42;
    return request;
  }

  static std::unique_ptr<Sampler> sampler(const Request& request) {
    auto made = make_sampler(request, *tokenizer, model->vocabulary(), 100, *compiler);
    EXPECT_TRUE(made) << made.error().message;
    return std::move(*made);
  }

  // Falling logits: token i has -i / 4.
  static std::vector<float> falling() {
    std::vector<float> logits(tokenizer->size());
    for (std::size_t i = 0; i < logits.size(); ++i) logits[i] = -static_cast<float>(i) / 4;
    return logits;
  }

  static std::map<Token, int> tally(const Request& request, int rounds = 2000) {
    const auto chooser = sampler(request);
    std::map<Token, int> counts;
    for (int i = 0; i < rounds; ++i) ++counts[chooser->sample(falling()).value()];
    return counts;
  }

  static Token token_of(const std::string& text) {
    return tokenizer->encode(text, false, generation::SpecialText::Plain).front();
  }

  static std::unique_ptr<llama::Backend> backend;
  static std::shared_ptr<const llama::Model> model;
  static std::shared_ptr<LlamaTokenizer> tokenizer;
  static std::unique_ptr<grammar::Compiler> compiler;
};

std::unique_ptr<llama::Backend> Choosing::backend;
std::shared_ptr<const llama::Model> Choosing::model;
std::shared_ptr<LlamaTokenizer> Choosing::tokenizer;
std::unique_ptr<grammar::Compiler> Choosing::compiler;

TEST_F(Choosing, TemperatureZeroIsGreedy) {
  EXPECT_EQ(tally(request(0), 20), (std::map<Token, int>{{0, 20}}));
  EXPECT_NE(dynamic_cast<GreedySampler*>(sampler(request(0)).get()), nullptr);
}

TEST_F(Choosing, FollowsTheProbabilities) {
  Request asked = request(1);
  asked.sampling.top_k = 0;
  const auto counts = tally(asked, 4000);
  // exp(-i/4) normalised: 0.2212 for the first token, 0.1723 for the second.
  EXPECT_NEAR(counts.at(0) / 4000.0, 0.2212, 0.03);
  EXPECT_NEAR(counts.at(1) / 4000.0, 0.1723, 0.03);
}

TEST_F(Choosing, TopKKeepsTheLikeliest) {
  Request asked = request(5);
  asked.sampling.top_k = 3;
  const auto counts = tally(asked);
  EXPECT_EQ(counts.size(), 3U);
  EXPECT_EQ(counts.rbegin()->first, 2);
}

TEST_F(Choosing, PreselectionChangesNothingButTheWork) {
  // Penalties that do nothing make the sampler look at every candidate.
  Request few = request(1);
  few.sampling.top_k = 7;
  few.sampling.top_p = 0.9F;
  Request all = few;
  all.sampling.presence_penalty = 1e-30F;
  EXPECT_EQ(tally(few, 500), tally(all, 500));
}

TEST_F(Choosing, TopPKeepsTheSmallestSetOfThatProbability) {
  Request asked = request(1);
  asked.sampling.top_p = 0.39F;  // 0.2212 + 0.1723 reaches it
  EXPECT_EQ(tally(asked).size(), 2U);
}

TEST_F(Choosing, MinPDropsTheUnlikely) {
  Request asked = request(1);
  asked.sampling.min_p = 0.5F;  // exp(-0.5) = 0.607, exp(-0.75) = 0.472
  EXPECT_EQ(tally(asked).size(), 3U);
}

TEST_F(Choosing, TypicalPNarrowsTheChoice) {
  Request asked = request(1);
  asked.sampling.typical_p = 0.2F;
  EXPECT_LT(tally(asked).size(), tally(request(1)).size());
}

TEST_F(Choosing, XtcDropsTheLikeliest) {
  Request asked = request(1);
  asked.sampling.xtc_probability = 1;
  asked.sampling.xtc_threshold = 0.1F;
  EXPECT_FALSE(tally(asked).contains(0));
}

TEST_F(Choosing, TheSameSeedChoosesTheSame) {
  const auto run = [](std::uint32_t seed) {
    Request asked = request(1);
    asked.sampling.seed = seed;
    const auto chooser = sampler(asked);
    std::vector<Token> tokens;
    for (int i = 0; i < 50; ++i) tokens.push_back(chooser->sample(falling()).value());
    return tokens;
  };
  EXPECT_EQ(run(7), run(7));
  EXPECT_NE(run(7), run(8));
}

TEST_F(Choosing, RepeatPenaltyTurnsAwayFromThePrompt) {
  Request asked = request(0);
  std::vector<float> logits(tokenizer->size(), 0.0F);
  logits[2] = 3;  // in the prompt
  logits[9] = 2;
  EXPECT_EQ(sampler(asked)->sample(logits).value(), 2);
  asked.sampling.repeat_penalty = 2;
  EXPECT_EQ(sampler(asked)->sample(logits).value(), 9);
}

TEST_F(Choosing, FrequencyPenaltyGrowsWithWhatWasGenerated) {
  Request asked = request(0);
  asked.sampling.frequency_penalty = 0.4F;
  std::vector<float> logits(tokenizer->size(), 0.0F);
  logits[8] = 3;
  logits[9] = 2;
  const auto chooser = sampler(asked);
  std::vector<Token> tokens;
  for (int i = 0; i < 4; ++i) tokens.push_back(chooser->sample(logits).value());
  EXPECT_EQ(tokens, (std::vector<Token>{8, 8, 8, 9}));
}

TEST_F(Choosing, DryBreaksUpRepeatedSequences) {
  Request asked = request(0);
  asked.prompt = {20, 21, 22, 23, 24, 20, 21, 22, 23};
  asked.sampling.dry_multiplier = 5;
  asked.sampling.dry_breakers = {};
  std::vector<float> logits(tokenizer->size(), 0.0F);
  logits[24] = 3;
  logits[30] = 2;
  EXPECT_EQ(sampler(asked)->sample(logits).value(), 30);
}

TEST_F(Choosing, MirostatChooses) {
  for (const int version : {1, 2}) {
    Request asked = request(1);
    asked.sampling.mirostat = version;
    EXPECT_GT(tally(asked, 200).size(), 1U) << version;
  }
}

TEST_F(Choosing, NeverChoosesABannedToken) {
  Request asked = request(1);
  asked.sampling.logit_bias = {{0, -std::numeric_limits<float>::infinity()}};
  EXPECT_FALSE(tally(asked).contains(0));
}

TEST_F(Choosing, AGrammarAllowsOnlyItsTexts) {
  for (const float temperature : {0.0F, 1.0F}) {
    Request asked = request(temperature);
    asked.sampling.constraint = {Kind::Gbnf, "root ::= \"yes\""};
    const auto chooser = sampler(asked);
    std::string text;
    while (text.size() < 3) {
      const auto token = chooser->sample(falling());
      ASSERT_TRUE(token) << token.error().message;
      text += tokenizer->piece(*token, false);
    }
    EXPECT_EQ(text, "yes");
    EXPECT_TRUE(tokenizer->is_end(chooser->sample(falling()).value()));
  }
}

TEST_F(Choosing, AGrammarTakesTheLikeliestOfWhatItAllows) {
  Request asked = request(0);
  asked.sampling.constraint = {Kind::Gbnf, "root ::= [xy]"};
  std::vector<float> logits(tokenizer->size(), 0.0F);
  logits[static_cast<std::size_t>(token_of("a"))] = 9;
  logits[static_cast<std::size_t>(token_of("y"))] = 5;
  logits[static_cast<std::size_t>(token_of("x"))] = 4;
  EXPECT_EQ(sampler(asked)->sample(logits).value(), token_of("y"));
}

// The model's distribution, restricted: what is ruled out leaves its share to the others.
TEST_F(Choosing, AConstraintRestrictsTheDistribution) {
  for (const std::int32_t top_k : {0, 40}) {
    Request asked = request(1);
    asked.sampling.top_k = top_k;
    asked.sampling.constraint = {Kind::Regex, "[xyz]"};
    std::vector<float> logits(tokenizer->size(), 5.0F);
    logits[static_cast<std::size_t>(token_of("x"))] = 1;
    logits[static_cast<std::size_t>(token_of("y"))] = 2;
    logits[static_cast<std::size_t>(token_of("z"))] = 3;
    std::map<Token, int> counts;
    for (std::uint32_t seed = 0; seed < 2000; ++seed) {
      asked.sampling.seed = seed;
      ++counts[sampler(asked)->sample(logits).value()];
    }
    // exp(1), exp(2), exp(3) over their sum.
    EXPECT_NEAR(counts[token_of("x")] / 2000.0, 0.090, 0.03);
    EXPECT_NEAR(counts[token_of("y")] / 2000.0, 0.245, 0.04);
    EXPECT_NEAR(counts[token_of("z")] / 2000.0, 0.665, 0.04);
    EXPECT_EQ(counts.size(), 3U);
  }
}

TEST_F(Choosing, IsFinishedWhereTheConstraintAllowsNothingMore) {
  for (const float temperature : {0.0F, 1.0F}) {
    Request asked = request(temperature);
    asked.sampling.constraint = {Kind::Regex, "[xy]"};
    const auto chooser = sampler(asked);
    EXPECT_FALSE(chooser->is_finished());
    ASSERT_TRUE(chooser->sample(falling()));
    EXPECT_TRUE(chooser->is_finished());
  }
}

TEST_F(Choosing, AGrammarThatCannotBeReadIsRefused) {
  Request asked = request(0);
  asked.sampling.constraint = {Kind::Gbnf, "root ::= ("};
  const auto made = make_sampler(asked, *tokenizer, model->vocabulary(), 100, *compiler);
  ASSERT_FALSE(made);
  EXPECT_EQ(made.error().code, base::ErrorCode::InvalidRequest);
}

TEST_F(Choosing, FailsWithoutANumber) {
  const std::vector<float> logits(tokenizer->size(), std::numeric_limits<float>::quiet_NaN());
  for (const float temperature : {0.0F, 1.0F}) {
    const auto token = sampler(request(temperature))->sample(logits);
    ASSERT_FALSE(token);
    EXPECT_EQ(token.error().code, base::ErrorCode::GenerationFailed);
  }
}

}  // namespace
}  // namespace shimmy::scheduler
