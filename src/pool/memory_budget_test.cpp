#include "pool/memory_budget.h"

#include <gtest/gtest.h>

#include <thread>
#include <vector>

namespace shimmy::pool {
namespace {

constexpr std::uint64_t kMega = 1ULL << 20U;

TEST(MemoryBudget, GivesWhatIsFree) {
  MemoryBudget budget(100);
  const auto first = budget.try_claim(60);
  ASSERT_NE(first, nullptr);
  EXPECT_EQ(first->bytes(), 60U);
  EXPECT_EQ(budget.try_claim(41), nullptr);
  EXPECT_NE(budget.try_claim(40), nullptr);
  EXPECT_EQ(budget.used_bytes(), 60U) << "the second has gone again";
  EXPECT_EQ(budget.free_bytes(), 40U);
}

TEST(MemoryBudget, MayGrowWhileItIsUsed) {
  MemoryBudget budget(100);
  const auto first = budget.try_claim(80);
  int told = 0;
  budget.set_on_release([&] { ++told; });
  budget.set_total(150);
  EXPECT_EQ(told, 1) << "who waits for memory looks again";
  EXPECT_EQ(budget.total_bytes(), 150U);
  EXPECT_EQ(budget.free_bytes(), 70U);
  EXPECT_NE(budget.try_claim(70), nullptr);
}

TEST(MemoryBudget, MayBecomeLessThanIsUsed) {
  MemoryBudget budget(100);
  const auto first = budget.try_claim(50);
  auto second = budget.try_claim(40);
  budget.set_total(60);
  EXPECT_EQ(budget.free_bytes(), 0U);
  EXPECT_EQ(budget.used_bytes(), 90U) << "nobody loses anything";
  EXPECT_EQ(budget.try_claim(1), nullptr);
  EXPECT_FALSE(first->resize(51));
  EXPECT_TRUE(first->resize(45)) << "less is always possible";
  second.reset();
  EXPECT_EQ(budget.free_bytes(), 15U);
}

TEST(MemoryBudget, ClaimsMayOutliveIt) {
  std::shared_ptr<BudgetClaim> claim;
  {
    MemoryBudget budget(100);
    claim = budget.try_claim(60);
  }
  EXPECT_TRUE(claim->resize(90));
  EXPECT_FALSE(claim->resize(101));
}

TEST(MemoryBudget, AClaimGrowsAndShrinks) {
  MemoryBudget budget(100);
  const auto claim = budget.try_claim(10);
  const auto other = budget.try_claim(30);
  EXPECT_TRUE(claim->resize(70));
  EXPECT_EQ(budget.used_bytes(), 100U);
  EXPECT_TRUE(claim->resize(5));
  EXPECT_EQ(budget.used_bytes(), 35U);
}

TEST(MemoryBudget, AClaimThatCannotGrowStaysAsItWas) {
  MemoryBudget budget(100);
  const auto claim = budget.try_claim(10);
  const auto other = budget.try_claim(30);
  EXPECT_EQ(claim->limit(), 70U);
  EXPECT_FALSE(claim->resize(71));
  EXPECT_EQ(claim->bytes(), 10U);
  EXPECT_EQ(budget.used_bytes(), 40U);
}

TEST(MemoryBudget, AsksForRoomUntilThereIsEnough) {
  MemoryBudget budget(100);
  const auto claim = budget.try_claim(10);
  std::vector<std::shared_ptr<BudgetClaim>> others{budget.try_claim(40), budget.try_claim(40)};
  std::vector<std::uint64_t> asked;
  budget.set_room({.make =
                       [&](std::uint64_t bytes, const BudgetClaim& grower) {
                         EXPECT_EQ(&grower, claim.get());
                         EXPECT_TRUE(grower.is_growing());
                         asked.push_back(bytes);
                         others.pop_back();
                         return true;
                       },
                   .idle_bytes = [&](const BudgetClaim&) { return std::uint64_t{80}; }});
  EXPECT_EQ(claim->limit(), 100U);
  EXPECT_TRUE(claim->resize(90));
  EXPECT_EQ(asked, (std::vector<std::uint64_t>{70, 30}));
  EXPECT_FALSE(claim->is_growing());
}

TEST(MemoryBudget, TellsWhenMemoryComesFree) {
  MemoryBudget budget(100);
  int released = 0;
  budget.set_on_release([&] { ++released; });
  auto claim = budget.try_claim(10);
  EXPECT_TRUE(claim->resize(50));
  EXPECT_EQ(released, 0);
  EXPECT_TRUE(claim->resize(20));
  EXPECT_EQ(released, 1);
  claim.reset();
  EXPECT_EQ(released, 2);
}

TEST(MemoryBudget, IsNeverOverdrawnByManyThreads) {
  MemoryBudget budget(1000);
  std::vector<std::jthread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&budget, i] {
      for (std::uint64_t round = 0; round < 2000; ++round) {
        const auto claim = budget.try_claim(100 + round % 300);
        const bool has_grown = claim && claim->resize(500);
        EXPECT_TRUE(!claim || (claim->bytes() == 500) == has_grown) << i;
        EXPECT_LE(budget.used_bytes(), 1000U);
      }
    });
  }
  threads.clear();
  EXPECT_EQ(budget.used_bytes(), 0U);
}

TEST(MemoryBudget, TheDefaultLeavesATenthOfWhatIsFreeOrOurs) {
  EXPECT_EQ(default_budget_bytes({.total_bytes = 16'000 * kMega, .available_bytes = 9'800 * kMega},
                                 200 * kMega),
            9'000 * kMega);
}

TEST(MemoryBudget, TheReserveHasBounds) {
  const base::Memory small{.total_bytes = 1'000 * kMega, .available_bytes = 600 * kMega};
  EXPECT_EQ(default_budget_bytes(small, 0), 472 * kMega);
  const base::Memory large{.total_bytes = 900'000 * kMega, .available_bytes = 800'000 * kMega};
  EXPECT_EQ(default_budget_bytes(large, 0), (800'000 - 2'048) * kMega);
  const base::Memory none{.total_bytes = 1'000 * kMega, .available_bytes = 50 * kMega};
  EXPECT_EQ(default_budget_bytes(none, 0), 0U);
}

TEST(MemoryBudget, TheDefaultIsNoMoreThanTheMachineHas) {
  const base::Memory limited{.total_bytes = 2'000 * kMega, .available_bytes = 1'900 * kMega};
  EXPECT_EQ(default_budget_bytes(limited, 500 * kMega), 1'800 * kMega);
}

}  // namespace
}  // namespace shimmy::pool
