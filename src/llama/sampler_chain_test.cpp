#include "llama/sampler_chain.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <set>

#include "llama/shared_model_fixture.h"

namespace shimmy::llama {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

constexpr float kInfinity = std::numeric_limits<float>::infinity();

// Ids 0, 1, 2, … with these logits.
std::vector<Candidate> candidates_of(std::initializer_list<float> logits) {
  std::vector<Candidate> candidates;
  for (const float logit : logits) {
    candidates.push_back({static_cast<Token>(candidates.size()), logit, 0.0F});
  }
  return candidates;
}

// As many candidates as the tiny vocabulary has tokens.
std::vector<Candidate> whole_vocabulary() {
  std::vector<Candidate> candidates;
  const std::size_t size = shared_model()->vocabulary().size();
  for (std::size_t id = 0; id < size; ++id) {
    const float logit = static_cast<float>((id * 7919) % 101) / 20.0F;
    candidates.push_back({static_cast<Token>(id), logit, 0.0F});
  }
  return candidates;
}

std::vector<Token> left_by(SamplerChain& chain, std::vector<Candidate> items, bool sorted = false) {
  Candidates candidates{items, sorted};
  chain.apply(candidates);
  std::vector<Token> ids;
  for (const Candidate& candidate : candidates.items) ids.push_back(candidate.id);
  std::ranges::sort(ids);
  return ids;
}

std::vector<Token> drawn(SamplerChain& chain, int count) {
  std::vector<Token> tokens;
  for (int draw = 0; draw < count; ++draw) {
    std::vector<Candidate> items = whole_vocabulary();
    const auto chosen = chain.select({items, false});
    tokens.push_back(chosen ? chosen->id : kNoToken);
  }
  return tokens;
}

std::optional<Candidate> select(SamplerChain& chain, std::vector<Candidate> items,
                                bool sorted = false) {
  return chain.select({items, sorted});
}

TEST(SamplerChain, GreedyTakesTheLargestLogit) {
  SamplerChain chain;
  chain.add_greedy();
  EXPECT_EQ(select(chain, candidates_of({1, 5, 3}))->id, 1);
}

TEST(SamplerChain, TopKKeepsTheLikeliest) {
  SamplerChain chain;
  chain.add_top_k(2);
  EXPECT_THAT(left_by(chain, candidates_of({1, 5, 3, 4})), ElementsAre(1, 3));
}

TEST(SamplerChain, TopKOfZeroKeepsAll) {
  SamplerChain chain;
  chain.add_top_k(0);
  EXPECT_THAT(left_by(chain, candidates_of({1, 5, 3})), ElementsAre(0, 1, 2));
}

TEST(SamplerChain, TopPKeepsTheSmallestSetOfThatProbability) {
  SamplerChain chain;
  chain.add_top_p(0.5F);
  EXPECT_THAT(left_by(chain, candidates_of({0, 10, 0})), ElementsAre(1));
}

TEST(SamplerChain, MinPDropsTheUnlikely) {
  SamplerChain chain;
  chain.add_min_p(0.5F);
  EXPECT_THAT(left_by(chain, candidates_of({5, 4.9F, 1})), ElementsAre(0, 1));
}

TEST(SamplerChain, TypicalKeepsSomething) {
  SamplerChain chain;
  chain.add_typical(0.2F);
  EXPECT_FALSE(left_by(chain, whole_vocabulary()).empty());
}

TEST(SamplerChain, XtcDropsAllButTheLastOfTheLikely) {
  SamplerChain chain;
  chain.add_xtc(/*probability=*/1.0F, /*threshold=*/0.1F, /*seed=*/1);
  EXPECT_THAT(left_by(chain, candidates_of({5, 4.5F, 4, -9})), ElementsAre(2, 3));
}

TEST(SamplerChain, TemperatureDividesLogits) {
  SamplerChain chain;
  chain.add_temperature(2.0F);
  std::vector<Candidate> items = candidates_of({4, 2});
  Candidates candidates{items, false};
  chain.apply(candidates);
  EXPECT_FLOAT_EQ(items[0].logit, 2.0F);
}

TEST(SamplerChain, SelectGivesTheProbabilityOfTheChoice) {
  SamplerChain chain;
  chain.add_top_k(2).add_distribution(1);
  const auto chosen = select(chain, candidates_of({1, 1, -50}));
  ASSERT_TRUE(chosen.has_value());
  EXPECT_NEAR(chosen->probability, 0.5, 1e-5);
}

TEST(SamplerChain, TheSameSeedDrawsTheSameTokens) {
  SamplerChain first;
  first.add_top_k(40).add_temperature(1.0F).add_distribution(42);
  SamplerChain second;
  second.add_top_k(40).add_temperature(1.0F).add_distribution(42);
  SamplerChain other;
  other.add_top_k(40).add_temperature(1.0F).add_distribution(43);
  const std::vector<Token> tokens = drawn(first, 50);
  EXPECT_EQ(tokens, drawn(second, 50));
  EXPECT_NE(tokens, drawn(other, 50));
  EXPECT_GT(std::set<Token>(tokens.begin(), tokens.end()).size(), 5U);
}

TEST(SamplerChain, TheLargestSeedIsASeedToo) {
  SamplerChain first;
  first.add_distribution(std::numeric_limits<std::uint32_t>::max());
  SamplerChain second;
  second.add_distribution(std::numeric_limits<std::uint32_t>::max());
  EXPECT_EQ(drawn(first, 20), drawn(second, 20));
}

TEST(SamplerChain, ResetDrawsTheSameTokensAgain) {
  SamplerChain chain;
  chain.add_distribution(7);
  const std::vector<Token> tokens = drawn(chain, 20);
  chain.reset();
  EXPECT_EQ(drawn(chain, 20), tokens);
}

TEST(SamplerChain, MirostatIsReproducible) {
  for (const int version : {1, 2}) {
    std::vector<std::vector<Token>> runs;
    for (int run = 0; run < 2; ++run) {
      SamplerChain chain;
      if (version == 1) {
        chain.add_mirostat_v1(shared_model()->vocabulary().size(), 5, 5.0F, 0.1F);
      } else {
        chain.add_mirostat_v2(5, 5.0F, 0.1F);
      }
      runs.push_back(drawn(chain, 20));
    }
    EXPECT_EQ(runs[0], runs[1]);
    EXPECT_THAT(runs[0], testing::Not(testing::Contains(kNoToken)));
  }
}

TEST(SamplerChain, MirostatTakesASingleCandidate) {
  SamplerChain chain;
  chain.add_mirostat_v1(100, 5, 5.0F, 0.1F);
  EXPECT_EQ(select(chain, candidates_of({1}))->id, 0);
}

TEST(SamplerChain, PenaltiesLowerWhatWasAccepted) {
  SamplerChain chain;
  chain.add_penalties(3, {.last_tokens = 8, .repeat = 1.0F, .frequency = 0.0F, .presence = 10.0F})
      .add_greedy();
  EXPECT_EQ(select(chain, candidates_of({1, 5, 3}))->id, 1);
  EXPECT_TRUE(chain.accept(1));
  EXPECT_EQ(select(chain, candidates_of({1, 5, 3}))->id, 2);
  chain.reset();
  EXPECT_EQ(select(chain, candidates_of({1, 5, 3}))->id, 1);
}

TEST(SamplerChain, PenaltiesForgetTokensBeyondTheLast) {
  SamplerChain chain;
  chain.add_penalties(3, {.last_tokens = 2, .repeat = 1.0F, .frequency = 0.0F, .presence = 10.0F})
      .add_greedy();
  for (const Token token : {1, 0, 2}) chain.accept(token);
  EXPECT_EQ(select(chain, candidates_of({1, 5, 3}))->id, 1);
}

TEST(SamplerChain, DryLowersTheContinuationOfARepeat) {
  SamplerChain chain;
  chain
      .add_dry(shared_model()->vocabulary(), {.multiplier = 100.0F,
                                              .base = 1.75F,
                                              .allowed_length = 2,
                                              .last_tokens = 64,
                                              .breakers = {"\n", ""}})
      .add_greedy();
  for (const Token token : {10, 11, 12, 13, 10, 11, 12}) chain.accept(token);
  std::vector<Candidate> items = whole_vocabulary();
  items[13].logit = 50;
  EXPECT_NE(select(chain, items)->id, 13);
}

TEST(SamplerChain, SelectsNothingWhenNothingCanBeChosen) {
  const float nan = std::numeric_limits<float>::quiet_NaN();
  for (const bool greedy : {true, false}) {
    SamplerChain chain;
    chain.add_top_k(40).add_temperature(0.8F);
    greedy ? chain.add_greedy() : chain.add_distribution(1);
    EXPECT_FALSE(select(chain, {}).has_value());
    EXPECT_FALSE(select(chain, candidates_of({-kInfinity, -kInfinity})).has_value());
    EXPECT_FALSE(select(chain, candidates_of({1, nan})).has_value());
    EXPECT_FALSE(select(chain, candidates_of({1, kInfinity})).has_value());
    EXPECT_EQ(select(chain, candidates_of({-kInfinity, 1}))->id, 1);
  }
}

TEST(SamplerChain, WithoutAChoiceSelectsNothing) {
  SamplerChain chain;
  EXPECT_TRUE(chain.empty());
  EXPECT_FALSE(select(chain, candidates_of({1, 2})).has_value());
}

TEST(SamplerChain, TakesCandidatesThatAreSortedAlready) {
  SamplerChain chain;
  chain.add_top_p(0.9F).add_min_p(0.05F).add_temperature(0.7F).add_distribution(3);
  const auto chosen = select(chain, candidates_of({9, 1, 0.5F}), /*sorted=*/true);
  EXPECT_EQ(chosen->id, 0);
}

class GrammarTest : public testing::Test {
 protected:
  const Vocabulary& vocabulary() const { return shared_model()->vocabulary(); }
  Token token(std::string_view text) const {
    return vocabulary().tokenize(text, AddSpecial::No, ParseSpecial::Yes)->at(0);
  }
  SamplerChain& chain(std::string_view grammar) {
    const auto added = chain_.add_grammar(vocabulary(), grammar);
    EXPECT_TRUE(added.has_value()) << added.error().message;
    return chain_;
  }

  SamplerChain chain_;
};

TEST_F(GrammarTest, AllowsWhatMayComeNext) {
  SamplerChain& chain = this->chain("root ::= \"yes\" | \"no\"");
  EXPECT_TRUE(chain.allows(token("y")));
  EXPECT_TRUE(chain.allows(token("n")));
  EXPECT_FALSE(chain.allows(token("x")));
  EXPECT_FALSE(chain.allows(vocabulary().eos()));
}

TEST_F(GrammarTest, AllowsTheEndOnlyAtTheEnd) {
  SamplerChain& chain = this->chain("root ::= \"no\"");
  EXPECT_TRUE(chain.accept(token("n")));
  EXPECT_FALSE(chain.accept(vocabulary().eos()));
  EXPECT_TRUE(chain.accept(token("o")));
  EXPECT_FALSE(chain.allows(token("o")));
  EXPECT_TRUE(chain.accept(vocabulary().eos()));
}

TEST_F(GrammarTest, StaysAsItWasAfterATokenItRefused) {
  SamplerChain& chain = this->chain("root ::= \"no\"");
  EXPECT_FALSE(chain.accept(token("x")));
  EXPECT_TRUE(chain.accept(token("n")));
}

TEST_F(GrammarTest, RefusesIdsThatAreNoTokens) {
  SamplerChain& chain = this->chain("root ::= .*");
  EXPECT_FALSE(chain.allows(-1));
  EXPECT_FALSE(chain.accept(1'000'000));
}

TEST_F(GrammarTest, FollowsACharacterOverSeveralTokens) {
  SamplerChain& chain = this->chain("root ::= \"é\" \"!\"");
  const std::vector<Token> parts =
      vocabulary().tokenize("é!", AddSpecial::No, ParseSpecial::No).value();
  EXPECT_EQ(parts.size(), 3U);
  for (const Token part : parts) {
    EXPECT_TRUE(chain.accept(part));
  }
}

TEST_F(GrammarTest, RulesOutCandidatesBeforeTheChoice) {
  this->chain("root ::= [0-9]+").add_greedy();
  std::vector<Candidate> items = whole_vocabulary();
  const auto chosen = chain_.select({items, false});
  ASSERT_TRUE(chosen.has_value());
  EXPECT_THAT(vocabulary().piece(chosen->id), testing::MatchesRegex("[0-9]+"));
}

TEST_F(GrammarTest, SelectsNothingWhenNoCandidateIsAllowed) {
  this->chain("root ::= \"z\"").add_distribution(1);
  EXPECT_FALSE(select(chain_, candidates_of({1, 2, 3})).has_value());
}

TEST_F(GrammarTest, StartsAnewAfterReset) {
  SamplerChain& chain = this->chain("root ::= \"no\"");
  EXPECT_TRUE(chain.accept(token("n")));
  chain.reset();
  EXPECT_TRUE(chain.accept(token("n")));
}

TEST_F(GrammarTest, IsRefusedInTheParsersWords) {
  const auto added = chain_.add_grammar(vocabulary(), "root ::= (");
  ASSERT_FALSE(added.has_value());
  EXPECT_EQ(added.error().code, base::ErrorCode::InvalidRequest);
  EXPECT_THAT(added.error().message, HasSubstr("expecting ')'"));
  EXPECT_TRUE(chain_.empty());
}

TEST_F(GrammarTest, IsOneToAChain) {
  EXPECT_TRUE(chain_.add_grammar(vocabulary(), "root ::= \"a\"").has_value());
  EXPECT_FALSE(chain_.add_grammar(vocabulary(), "root ::= \"a\"").has_value());
  EXPECT_EQ(chain_.size(), 1U);
}

TEST_F(GrammarTest, CanHaveAnotherRoot) {
  EXPECT_TRUE(chain_.add_grammar(vocabulary(), "start ::= \"a\"", "start").has_value());
  EXPECT_TRUE(chain_.allows(token("a")));
}

TEST_F(GrammarTest, WorksWithRulesThatMayBeEmpty) {
  SamplerChain& chain = this->chain("root ::= ([ ]?)* \"a\" (\"b\"?)*");
  EXPECT_TRUE(chain.accept(token("a")));
  EXPECT_TRUE(chain.accept(token("b")));
  EXPECT_TRUE(chain.accept(vocabulary().eos()));
}

}  // namespace
}  // namespace shimmy::llama
