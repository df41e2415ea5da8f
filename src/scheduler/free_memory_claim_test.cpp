#include "scheduler/free_memory_claim.h"

#include <gtest/gtest.h>

namespace shimmy::scheduler {
namespace {

FreeMemoryClaim claim_with(std::uint64_t held, std::uint64_t available) {
  return FreeMemoryClaim(held, [available] { return base::Memory{10'000, available}; });
}

TEST(FreeMemoryClaim, BeginsWithWhatIsHeld) { EXPECT_EQ(claim_with(300, 0).bytes(), 300U); }

TEST(FreeMemoryClaim, GrowsIntoFreeMemoryButLeavesATenth) {
  auto claim = claim_with(300, 1000);
  EXPECT_EQ(claim.limit(), 1200U);
  EXPECT_FALSE(claim.resize(1201));
  EXPECT_EQ(claim.bytes(), 300U);
  EXPECT_TRUE(claim.resize(1200));
  EXPECT_EQ(claim.bytes(), 1200U);
}

TEST(FreeMemoryClaim, LowersEvenWhenNothingIsFree) {
  auto claim = claim_with(300, 0);
  EXPECT_TRUE(claim.resize(300));
  EXPECT_TRUE(claim.resize(100));
  EXPECT_EQ(claim.bytes(), 100U);
  EXPECT_FALSE(claim.resize(101));
}

TEST(FreeMemoryClaim, AsksTheMachineEachTime) {
  std::uint64_t available = 0;
  FreeMemoryClaim claim(0, [&] { return base::Memory{10'000, available}; });
  EXPECT_FALSE(claim.resize(90));
  available = 100;
  EXPECT_TRUE(claim.resize(90));
}

}  // namespace
}  // namespace shimmy::scheduler
