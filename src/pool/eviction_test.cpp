#include "pool/eviction.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace shimmy::pool {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::Optional;
using testing::UnorderedElementsAre;

EvictionCandidate candidate(std::size_t id, std::uint64_t bytes, int used_at, bool is_idle = true) {
  return {id, bytes, base::Clock::time_point(std::chrono::seconds(used_at)), is_idle};
}

TEST(Eviction, TakesTheOneUsedLongestAgo) {
  EXPECT_THAT(choose_victims({candidate(0, 10, 5), candidate(1, 10, 3), candidate(2, 10, 4)}, 10),
              Optional(ElementsAre(1)));
}

TEST(Eviction, TakesAsManyAsNeeded) {
  EXPECT_THAT(choose_victims({candidate(0, 10, 1), candidate(1, 10, 2), candidate(2, 10, 3)}, 11),
              Optional(UnorderedElementsAre(0, 1)));
}

TEST(Eviction, PrefersIdleModelsToBusyOnesUsedEarlier) {
  EXPECT_THAT(choose_victims({candidate(0, 10, 1, false), candidate(1, 10, 9)}, 10),
              Optional(ElementsAre(1)));
}

TEST(Eviction, TakesBusyOnesWhereIdleOnesAreNotEnough) {
  EXPECT_THAT(choose_victims({candidate(0, 10, 1, false), candidate(1, 10, 9)}, 20),
              Optional(UnorderedElementsAre(0, 1)));
}

TEST(Eviction, SparesWhatALargerOneMakesNeedless) {
  EXPECT_THAT(choose_victims({candidate(0, 1, 1), candidate(1, 50, 2)}, 40),
              Optional(ElementsAre(1)));
}

TEST(Eviction, TakesNoneWhereAllAreNotEnough) {
  EXPECT_EQ(choose_victims({candidate(0, 10, 1), candidate(1, 10, 2)}, 21), std::nullopt);
  EXPECT_EQ(choose_victims({}, 1), std::nullopt);
}

TEST(Eviction, TakesNoneWhereNothingIsMissing) {
  EXPECT_THAT(choose_victims({candidate(0, 10, 1)}, 0), Optional(IsEmpty()));
}

}  // namespace
}  // namespace shimmy::pool
