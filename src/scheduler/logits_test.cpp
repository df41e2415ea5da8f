#include "scheduler/logits.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>
#include <random>
#include <vector>

namespace shimmy::scheduler {
namespace {

constexpr float kNan = std::numeric_limits<float>::quiet_NaN();
constexpr float kInfinity = std::numeric_limits<float>::infinity();

std::vector<float> random_logits(std::size_t size, unsigned seed) {
  std::mt19937 random(seed);
  std::normal_distribution<float> normal(0, 5);
  std::vector<float> logits(size);
  for (float& logit : logits) logit = normal(random);
  return logits;
}

TEST(Argmax, AgreesWithTheStandardLibraryForEveryLength) {
  for (std::size_t size = 1; size < 200; ++size) {
    const auto logits = random_logits(size, static_cast<unsigned>(size));
    EXPECT_EQ(argmax(logits), std::ranges::max_element(logits) - logits.begin()) << size;
  }
}

TEST(Argmax, TakesTheLowestIdOfEquals) {
  std::vector<float> logits(100, 1.0F);
  logits[37] = logits[64] = logits[99] = 3.0F;
  EXPECT_EQ(argmax(logits), 37);
}

TEST(Argmax, OverlooksNan) {
  std::vector<float> logits(70, kNan);
  logits[40] = -5;
  EXPECT_EQ(argmax(logits), 40);
}

TEST(Argmax, FindsNothingWithoutANumber) {
  EXPECT_EQ(argmax({}), -1);
  EXPECT_EQ(argmax(std::vector<float>(50, kNan)), -1);
  EXPECT_EQ(argmax(std::vector<float>(50, -kInfinity)), -1);
}

TEST(TopK, AgreesWithSortingEverything) {
  for (const std::size_t count : {1U, 2U, 40U, 500U, 2000U}) {
    const auto logits = random_logits(1000, static_cast<unsigned>(count));
    std::vector<ScoredToken> sorted;
    for (std::size_t i = 0; i < logits.size(); ++i) {
      sorted.push_back({static_cast<generation::Token>(i), logits[i]});
    }
    std::ranges::sort(sorted, [](const auto& a, const auto& b) { return a.value > b.value; });
    const auto best = top_k(logits, count);
    ASSERT_EQ(best.size(), std::min<std::size_t>(count, 1000));
    for (std::size_t i = 0; i < best.size(); ++i) {
      EXPECT_EQ(best[i].token, sorted[i].token) << i;
      EXPECT_EQ(best[i].value, sorted[i].value);
    }
  }
}

TEST(TopK, PrefersLowerIdsOfEquals) {
  const auto best = top_k(std::vector<float>{1, 2, 2, 2, 1}, 2);
  ASSERT_EQ(best.size(), 2U);
  EXPECT_EQ(best[0].token, 1);
  EXPECT_EQ(best[1].token, 2);
}

TEST(TopK, NeverTakesNanOrMinusInfinity) {
  const auto best = top_k(std::vector<float>{kNan, -kInfinity, 3, kNan}, 4);
  ASSERT_EQ(best.size(), 1U);
  EXPECT_EQ(best[0].token, 2);
}

TEST(TopK, OfNothingIsNothing) {
  EXPECT_TRUE(top_k({}, 5).empty());
  EXPECT_TRUE(top_k(std::vector<float>{1, 2}, 0).empty());
}

std::vector<std::uint32_t> random_mask(std::size_t size, unsigned seed) {
  std::mt19937 random(seed);
  std::vector<std::uint32_t> mask((size + 31) / 32);
  // Some words without a bit, as most have.
  for (std::uint32_t& word : mask)
    word = random() % 3 == 0 ? 0U : static_cast<std::uint32_t>(random());
  return mask;
}

std::vector<float> masked(std::vector<float> logits, const std::vector<std::uint32_t>& mask) {
  for (std::size_t i = 0; i < logits.size(); ++i) {
    const bool is_set = i / 32 < mask.size() && (mask[i / 32] >> (i % 32) & 1U) != 0;
    if (!is_set) logits[i] = -kInfinity;
  }
  return logits;
}

TEST(MaskedArgmax, IsThatOfTheAllowedTokensForEveryLength) {
  for (std::size_t size = 1; size < 300; ++size) {
    const auto seed = static_cast<unsigned>(size);
    const auto logits = random_logits(size, seed);
    const auto mask = random_mask(size, seed);
    EXPECT_EQ(argmax(logits, mask), argmax(masked(logits, mask))) << size;
  }
}

TEST(MaskedArgmax, TakesTheLowestIdOfEqualsThatAreAllowed) {
  const std::vector<float> logits(100, 1.0F);
  const std::vector<std::uint32_t> mask{0, 0x10, 0xFFFFFFFF, 0};
  EXPECT_EQ(argmax(logits, mask), 36);
}

TEST(MaskedArgmax, IsNoneWhereNothingIsAllowedOrANumber) {
  EXPECT_EQ(argmax(std::vector<float>(64, 1.0F), std::vector<std::uint32_t>{0, 0}), -1);
  EXPECT_EQ(argmax(std::vector<float>(64, kNan), std::vector<std::uint32_t>{~0U, ~0U}), -1);
  EXPECT_EQ(argmax(std::vector<float>(64, 1.0F), std::vector<std::uint32_t>{}), -1);
}

TEST(MaskedArgmax, LeavesOutTokensBeyondTheMask) {
  std::vector<float> logits(96, 1.0F);
  logits[70] = 9;
  EXPECT_EQ(argmax(logits, std::vector<std::uint32_t>{0, 2}), 33);
}

TEST(MaskedTopK, IsThatOfTheAllowedTokens) {
  for (const std::size_t size : {1U, 31U, 64U, 1000U}) {
    const auto logits = random_logits(size, 3);
    const auto mask = random_mask(size, 4);
    const auto expected = top_k(masked(logits, mask), 20);
    const auto best = top_k(logits, 20, mask);
    ASSERT_EQ(best.size(), expected.size());
    for (std::size_t i = 0; i < best.size(); ++i) EXPECT_EQ(best[i].token, expected[i].token);
  }
}

TEST(LogSumExp, AgreesWithTheDefinition) {
  const auto logits = random_logits(333, 1);
  double sum = 0;
  for (const float logit : logits) sum += std::exp(static_cast<double>(logit));
  EXPECT_NEAR(log_sum_exp(logits), std::log(sum), 1e-5);
}

TEST(LogSumExp, DoesNotOverflow) {
  EXPECT_NEAR(log_sum_exp(std::vector<float>{1000, 1000}), 1000 + std::log(2.0), 1e-3);
}

TEST(LogSumExp, OfNothingIsMinusInfinity) { EXPECT_EQ(log_sum_exp({}), -kInfinity); }

}  // namespace
}  // namespace shimmy::scheduler
