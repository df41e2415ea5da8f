#include "kernels/cpu_level.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

namespace shimmy::kernels {
namespace {

using testing::HasSubstr;

TEST(CpuLevel, AlwaysRunsTheScalarReference) {
  EXPECT_TRUE(is_supported(CpuLevel::Scalar));
  EXPECT_EQ(supported_levels().front(), CpuLevel::Scalar);
}

TEST(CpuLevel, ListsLevelsFromSlowestToFastest) {
  EXPECT_TRUE(std::ranges::is_sorted(supported_levels()));
}

TEST(CpuLevel, TakesTheFastestLevelUnlessForced) {
  EXPECT_EQ(*choose_level(""), supported_levels().back());
}

TEST(CpuLevel, CanBeForcedToEverySupportedLevel) {
  for (const CpuLevel level : supported_levels()) EXPECT_EQ(*choose_level(name(level)), level);
}

TEST(CpuLevel, RefusesAnUnknownNameAndListsTheKnownOnes) {
  const auto refused = choose_level("avx3");
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().param, "SHIMMY_CPU");
  EXPECT_THAT(refused.error().message, HasSubstr("\"avx3\""));
  EXPECT_THAT(
      refused.error().message,
      HasSubstr("scalar, avx2, avx-vnni, avx512-vnni, avx512-bf16, neon-dotprod, neon-i8mm"));
}

TEST(CpuLevel, RefusesALevelThatTheCpuCannotRun) {
  for (const CpuLevel level : kCpuLevels) {
    if (is_supported(level)) continue;
    const auto refused = choose_level(name(level));
    ASSERT_FALSE(refused);
    EXPECT_THAT(refused.error().message, HasSubstr("cannot run"));
  }
}

TEST(CpuLevel, HasAKernelOfEveryTypeAndWidth) {
  for (const CpuLevel level : kCpuLevels) {
    for (const WeightKernel& kernel : kernel_set(level)) {
      EXPECT_GT(kernel.activation_bytes, kBlock);
      EXPECT_NE(kernel.write_column, nullptr);
      EXPECT_THAT(kernel.multiply, testing::Each(testing::Ne(nullptr)));
    }
  }
}

}  // namespace
}  // namespace shimmy::kernels
