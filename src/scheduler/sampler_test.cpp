#include "scheduler/sampler.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <vector>

#include "support/byte_tokenizer.h"

namespace shimmy::scheduler {
namespace {

using generation::Request;
using generation::Token;
using support::ByteTokenizer;

std::vector<float> logits_with(std::initializer_list<std::pair<Token, float>> set) {
  std::vector<float> logits(ByteTokenizer().size(), 0.0F);
  for (const auto& [token, logit] : set) logits[static_cast<std::size_t>(token)] = logit;
  return logits;
}

Token greedy(const Request& request, const std::vector<float>& logits) {
  return GreedySampler(LogitEdits(request, ByteTokenizer())).sample(logits).value();
}

TEST(GreedySampler, TakesTheLikeliest) {
  EXPECT_EQ(greedy({}, logits_with({{'x', 5}, {'y', 4}})), 'x');
}

TEST(GreedySampler, FollowsTheUsersBias) {
  Request request;
  request.sampling.logit_bias = {{'y', 3.0F}};
  EXPECT_EQ(greedy(request, logits_with({{'x', 5}, {'y', 4}})), 'y');
}

TEST(GreedySampler, NeverTakesABannedToken) {
  Request request;
  request.sampling.logit_bias = {{'x', -std::numeric_limits<float>::infinity()}};
  EXPECT_EQ(greedy(request, logits_with({{'x', 500}, {'y', 4}})), 'y');
}

TEST(GreedySampler, IgnoresTheEndWhenAskedTo) {
  Request request;
  EXPECT_EQ(greedy(request, logits_with({{ByteTokenizer::kEnd, 9}, {'y', 4}})),
            ByteTokenizer::kEnd);
  request.ignore_eos = true;
  EXPECT_EQ(greedy(request, logits_with({{ByteTokenizer::kEnd, 9}, {'y', 4}})), 'y');
}

TEST(GreedySampler, OverlooksBiasesOfTokensThatDoNotExist) {
  Request request;
  request.sampling.logit_bias = {{100000, 50.0F}};
  EXPECT_EQ(greedy(request, logits_with({{'x', 5}})), 'x');
}

TEST(GreedySampler, FailsWithoutANumber) {
  const std::vector<float> logits(10, std::numeric_limits<float>::quiet_NaN());
  const auto token = GreedySampler(LogitEdits({}, ByteTokenizer())).sample(logits);
  ASSERT_FALSE(token);
  EXPECT_EQ(token.error().code, base::ErrorCode::GenerationFailed);
}

TEST(LogitEdits, CopiesNothingWithoutEdits) {
  const std::vector<float> logits = logits_with({});
  EXPECT_EQ(LogitEdits({}, ByteTokenizer()).apply(logits).data(), logits.data());
}

TEST(LogitEdits, HoldsOffTheEndUntilThereAreEnoughTokens) {
  Request request;
  request.min_tokens = 2;
  request.stop_tokens = {'x'};
  LogitEdits edits(request, ByteTokenizer());
  const std::vector<float> logits = logits_with({{'x', 9}, {ByteTokenizer::kEnd, 9}});
  for (int token = 0; token < 2; ++token) {
    const auto edited = edits.apply(logits);
    EXPECT_LT(edited['x'], -1e30F);
    EXPECT_LT(edited[ByteTokenizer::kEnd], -1e30F);
  }
  EXPECT_EQ(edits.apply(logits).data(), logits.data());
}

TEST(LogitEdits, LeavesTheModelsLogitsAlone) {
  Request request;
  request.sampling.logit_bias = {{'y', 3.0F}};
  const std::vector<float> logits = logits_with({{'y', 1}});
  LogitEdits edits(request, ByteTokenizer());
  EXPECT_EQ(edits.apply(logits)['y'], 4.0F);
  EXPECT_EQ(edits.apply(logits)['y'], 4.0F) << "edits must not add up";
  EXPECT_EQ(logits['y'], 1.0F);
}

TEST(WithLogprobs, GivesLogProbabilitiesOfTheWholeDistribution) {
  const std::vector<float> logits{std::log(0.5F), std::log(0.25F), std::log(0.25F)};
  const auto token = with_logprobs(1, logits, 2, ByteTokenizer());
  EXPECT_EQ(token.token, 1);
  EXPECT_NEAR(token.logprob, std::log(0.25), 1e-5);
  ASSERT_EQ(token.likeliest.size(), 2U);
  EXPECT_EQ(token.likeliest[0].token, 0);
  EXPECT_NEAR(token.likeliest[0].logprob, std::log(0.5), 1e-5);
  EXPECT_EQ(token.likeliest[1].token, 1) << "of equals the lower id";
}

TEST(WithLogprobs, GivesNoRivalsUnlessAskedTo) {
  EXPECT_TRUE(with_logprobs(0, std::vector<float>{1, 2}, 0, ByteTokenizer()).likeliest.empty());
}

TEST(WithLogprobs, HasAFloorInPlaceOfInfinity) {
  const std::vector<float> logits{0, -std::numeric_limits<float>::infinity()};
  EXPECT_EQ(with_logprobs(1, logits, 0, ByteTokenizer()).logprob, -9999.0F);
}

}  // namespace
}  // namespace shimmy::scheduler
