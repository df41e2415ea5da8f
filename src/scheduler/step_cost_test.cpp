#include "scheduler/step_cost.h"

#include <gtest/gtest.h>

namespace shimmy::scheduler {
namespace {

TEST(StepCost, GivesTheWholeBatchToPromptsWhenNobodyStreams) {
  StepCost cost(80);
  cost.observe(1000, 0, 512);
  EXPECT_EQ(cost.prompt_rows(0, 512), 512U);
}

TEST(StepCost, StartsCarefullyBesideAStream) {
  EXPECT_EQ(StepCost(80).prompt_rows(1, 512), 64U);
  EXPECT_EQ(StepCost(80).prompt_rows(500, 512), 12U);
}

TEST(StepCost, FillsAStepUpToTheTarget) {
  StepCost cost(80);
  cost.observe(10, 1, 0);    // decoding alone: 10 ms
  cost.observe(60, 1, 100);  // so 0.5 ms for each prompt token
  EXPECT_EQ(cost.prompt_rows(1, 512), 140U);
}

TEST(StepCost, ShrinksAsTokensGetDearer) {
  StepCost cost(80);
  cost.observe(10, 1, 0);
  cost.observe(60, 1, 100);
  const std::size_t before = cost.prompt_rows(1, 512);
  cost.observe(210, 1, 100);
  EXPECT_LT(cost.prompt_rows(1, 512), before);
}

TEST(StepCost, KeepsALeastChunk) {
  StepCost cost(80);
  cost.observe(500, 1, 0);
  cost.observe(5000, 1, 100);
  EXPECT_EQ(cost.prompt_rows(1, 512), 32U);
}

TEST(StepCost, NeverExceedsTheBatch) {
  StepCost cost(80);
  cost.observe(1, 1, 0);
  cost.observe(1, 1, 500);  // shorter than expected: the least cost counts
  EXPECT_EQ(cost.prompt_rows(12, 512), 500U);
  EXPECT_EQ(cost.prompt_rows(512, 512), 0U);
  EXPECT_EQ(cost.prompt_rows(600, 512), 0U);
}

TEST(StepCost, LearnsFromPromptsBeforeTheFirstStream) {
  StepCost cost(80);
  cost.observe(512, 0, 512);  // 1 ms a token
  EXPECT_EQ(cost.prompt_rows(1, 512), 80U);
}

TEST(StepCost, IgnoresStepsWithoutRows) {
  StepCost cost(80);
  cost.observe(1000, 0, 0);
  EXPECT_EQ(cost.prompt_rows(1, 512), 64U);
}

TEST(StepCost, LeavesOthersTheirPartOfTheTarget) {
  StepCost cost(80);
  cost.observe(100, 0, 100);  // 1 ms a token
  EXPECT_EQ(cost.prompt_rows(0, 512), 512U);
  EXPECT_EQ(cost.prompt_rows(0, 512, 1), 40U);
  cost.observe(10, 1, 0);
  EXPECT_EQ(cost.prompt_rows(1, 512), 70U);
}

TEST(StepCost, StartsSmallBesideOthers) { EXPECT_EQ(StepCost(80).prompt_rows(0, 512, 1), 64U); }

}  // namespace
}  // namespace shimmy::scheduler
