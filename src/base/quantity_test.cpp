#include "base/quantity.h"

#include <gtest/gtest.h>

#include <limits>

namespace shimmy::base {
namespace {

TEST(HumanBytes, HasOnePlaceAndDecimalUnits) {
  EXPECT_EQ(human_bytes(0), "0 B");
  EXPECT_EQ(human_bytes(999), "999 B");
  EXPECT_EQ(human_bytes(1000), "1.0 kB");
  EXPECT_EQ(human_bytes(98'200'000), "98.2 MB");
  EXPECT_EQ(human_bytes(2'100'000'000), "2.1 GB");
  EXPECT_EQ(human_bytes(1'500'000'000'000), "1.5 TB");
}

TEST(HumanBytes, NeverRoundsUpToAThousand) {
  EXPECT_EQ(human_bytes(999'949), "999.9 kB");
  EXPECT_EQ(human_bytes(999'950), "1.0 MB");
  EXPECT_EQ(human_bytes(999'999'999), "1.0 GB");
}

TEST(HumanBytes, HasNoUnitBeyondTera) {
  EXPECT_EQ(human_bytes(std::numeric_limits<std::uint64_t>::max()), "18446744.1 TB");
}

TEST(HumanCount, ScalesByThousands) {
  EXPECT_EQ(human_count(0), "0");
  EXPECT_EQ(human_count(999), "999");
  EXPECT_EQ(human_count(12'000), "12.0K");
  EXPECT_EQ(human_count(999'960), "1.0M");
  EXPECT_EQ(human_count(134'515'008), "134.5M");
  EXPECT_EQ(human_count(7'240'000'000), "7.2B");
}

}  // namespace
}  // namespace shimmy::base
