#include "scheduler/batch_planner.h"

#include <gtest/gtest.h>

#include <map>
#include <numeric>
#include <random>
#include <vector>

namespace shimmy::scheduler {
namespace {

constexpr PlannedSequence kStream{1, true, false};

PlannedSequence prompt(std::size_t tokens) { return {tokens, false, false}; }

std::map<std::size_t, std::size_t> by_sequence(const Plan& plan) {
  std::map<std::size_t, std::size_t> tokens;
  for (const PlanShare& share : plan.shares) tokens[share.sequence] += share.tokens;
  return tokens;
}

TEST(BatchPlanner, PlansNothingForNobody) {
  EXPECT_TRUE(plan_batch({}, {512, 512, 0}).shares.empty());
}

TEST(BatchPlanner, ServesStreamsBeforePrompts) {
  const std::vector<PlannedSequence> sequences{prompt(1000), kStream, prompt(1000), kStream};
  const Plan plan = plan_batch(sequences, {512, 512, 0});
  ASSERT_GE(plan.shares.size(), 2U);
  EXPECT_EQ(plan.shares[0].sequence, 1U);
  EXPECT_EQ(plan.shares[1].sequence, 3U);
  EXPECT_EQ(plan.decode_rows, 2U);
}

TEST(BatchPlanner, GivesTheRestOfTheBatchToPrompts) {
  const std::vector<PlannedSequence> sequences{kStream, prompt(1000)};
  const Plan plan = plan_batch(sequences, {512, 512, 0});
  EXPECT_EQ(by_sequence(plan).at(1), 511U);
  EXPECT_EQ(plan.prompt_rows, 511U);
}

TEST(BatchPlanner, KeepsPromptsWithinTheirBudget) {
  const std::vector<PlannedSequence> sequences{kStream, prompt(1000)};
  EXPECT_EQ(plan_batch(sequences, {512, 40, 0}).prompt_rows, 40U);
  EXPECT_EQ(plan_batch(sequences, {512, 0, 0}).prompt_rows, 0U);
}

TEST(BatchPlanner, SharesEvenlyAmongLongPrompts) {
  const std::vector<PlannedSequence> sequences{prompt(1000), prompt(1000)};
  const auto tokens = by_sequence(plan_batch(sequences, {512, 512, 0}));
  EXPECT_EQ(tokens.at(0), 256U);
  EXPECT_EQ(tokens.at(1), 256U);
}

TEST(BatchPlanner, FinishesAShortPromptBesideALongOne) {
  const std::vector<PlannedSequence> sequences{prompt(6000), prompt(20)};
  const auto tokens = by_sequence(plan_batch(sequences, {512, 512, 0}));
  EXPECT_EQ(tokens.at(1), 20U);
  EXPECT_EQ(tokens.at(0), 492U);
}

TEST(BatchPlanner, TakesManyShortPromptsAtOnce) {
  const std::vector<PlannedSequence> sequences(16, prompt(10));
  EXPECT_EQ(plan_batch(sequences, {512, 512, 0}).shares.size(), 16U);
}

TEST(BatchPlanner, GivesNoChunkTooSmallToPay) {
  const std::vector<PlannedSequence> sequences(16, prompt(1000));
  const Plan plan = plan_batch(sequences, {512, 512, 0});
  EXPECT_EQ(plan.shares.size(), 512 / kMinChunk);
  for (const PlanShare& share : plan.shares) EXPECT_GE(share.tokens, kMinChunk);
}

TEST(BatchPlanner, LetsPromptsTakeTurns) {
  const std::vector<PlannedSequence> sequences(16, prompt(1000));
  PlanLimits limits{512, 128, 0};
  std::map<std::size_t, std::size_t> served;
  for (int step = 0; step < 8; ++step) {
    const Plan plan = plan_batch(sequences, limits);
    for (const PlanShare& share : plan.shares) served[share.sequence] += share.tokens;
    limits.first_prompt = plan.next_prompt;
  }
  ASSERT_EQ(served.size(), 16U);
  for (const auto& [sequence, tokens] : served) EXPECT_EQ(tokens, 64U) << sequence;
}

TEST(BatchPlanner, GivesASmallBudgetToOnePrompt) {
  const std::vector<PlannedSequence> sequences{prompt(1000), prompt(1000)};
  const Plan plan = plan_batch(sequences, {512, 32, 1});
  ASSERT_EQ(plan.shares.size(), 1U);
  EXPECT_EQ(plan.shares[0].sequence, 1U);
  EXPECT_EQ(plan.shares[0].tokens, 32U);
  EXPECT_EQ(plan.next_prompt, 0U);
}

TEST(BatchPlanner, LeavesBlockedSequencesOut) {
  const std::vector<PlannedSequence> sequences{{1, true, true}, {100, false, true}, prompt(5)};
  const Plan plan = plan_batch(sequences, {512, 512, 0});
  ASSERT_EQ(plan.shares.size(), 1U);
  EXPECT_EQ(plan.shares[0].sequence, 2U);
}

TEST(BatchPlanner, NeverPlansMoreThanItMay) {
  std::mt19937 random(7);
  for (int round = 0; round < 2000; ++round) {
    std::vector<PlannedSequence> sequences(random() % 40);
    for (auto& sequence : sequences) {
      sequence = {1 + random() % 700, random() % 2 == 0, random() % 5 == 0};
      if (sequence.decoding) sequence.pending = 1;
    }
    const PlanLimits limits{1 + random() % 512, random() % 600, random() % 50};
    const Plan plan = plan_batch(sequences, limits);
    std::size_t rows = 0;
    for (const auto& [index, tokens] : by_sequence(plan)) {
      ASSERT_FALSE(sequences[index].blocked);
      ASSERT_GE(tokens, 1U);
      ASSERT_LE(tokens, sequences[index].pending);
      rows += tokens;
    }
    ASSERT_EQ(rows, plan.decode_rows + plan.prompt_rows);
    ASSERT_LE(rows, limits.max_rows);
    ASSERT_LE(plan.prompt_rows, limits.prompt_rows);
  }
}

}  // namespace
}  // namespace shimmy::scheduler
