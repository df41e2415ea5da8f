#include "chat/plan_cache.h"

#include <gtest/gtest.h>

namespace shimmy::chat {
namespace {

std::shared_ptr<const AnswerPlan> plan(std::size_t bytes = 0) {
  return std::make_shared<const AnswerPlan>(
      AnswerPlan{{generation::Constraint::Kind::Regex, std::string(bytes, 'x')}, plain_format()});
}

TEST(PlanCache, FindsWhatWasPut) {
  PlanCache cache(10'000);
  EXPECT_EQ(cache.find("a"), nullptr);
  const auto made = plan();
  cache.put("a", made);
  EXPECT_EQ(cache.find("a"), made);
  EXPECT_EQ(cache.find("b"), nullptr);
}

TEST(PlanCache, DropsWhatWasNotUsedForTheLongestTime) {
  PlanCache cache(10'000);
  cache.put("a", plan(2000));
  cache.put("b", plan(2000));
  cache.put("c", plan(2000));
  EXPECT_NE(cache.find("a"), nullptr);
  cache.put("d", plan(2000));
  EXPECT_NE(cache.find("a"), nullptr);
  EXPECT_EQ(cache.find("b"), nullptr);
  EXPECT_NE(cache.find("d"), nullptr);
  EXPECT_LE(cache.bytes(), 10'000U);
}

TEST(PlanCache, KeepsNothingThatIsTooLarge) {
  PlanCache cache(10'000);
  cache.put("a", plan());
  cache.put("b", plan(20'000));
  EXPECT_EQ(cache.find("b"), nullptr);
  EXPECT_NE(cache.find("a"), nullptr);
}

TEST(PlanCache, KeepsTheFirstOfTwoWithOneKey) {
  PlanCache cache(10'000);
  const auto first = plan();
  cache.put("a", first);
  const std::size_t bytes = cache.bytes();
  cache.put("a", plan());
  EXPECT_EQ(cache.find("a"), first);
  EXPECT_EQ(cache.bytes(), bytes);
}

}  // namespace
}  // namespace shimmy::chat
