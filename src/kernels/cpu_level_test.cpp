#include "kernels/cpu_level.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <set>

#include "kernels/platform_levels.h"

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

TEST(CpuLevel, TakesTheFastestTestedLevelUnlessForced) {
  const CpuLevel chosen = *choose_level("");
  EXPECT_TRUE(is_tested(chosen));
  for (const CpuLevel level : supported_levels())
    EXPECT_TRUE(level <= chosen || !is_tested(level)) << name(level);
}

TEST(CpuLevel, CanBeForcedToEverySupportedLevel) {
  for (const CpuLevel level : supported_levels()) EXPECT_EQ(*choose_level(name(level)), level);
}

TEST(CpuLevel, RefusesAnUnknownNameAndListsTheKnownOnes) {
  const auto refused = choose_level("avx3");
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().param, "SHIMMY_CPU");
  EXPECT_THAT(refused.error().message, HasSubstr("\"avx3\""));
  EXPECT_THAT(refused.error().message,
              HasSubstr("scalar, avx2, avx-vnni, avx512-vnni, avx512-bf16, amx-int8, neon-dotprod, "
                        "neon-i8mm"));
}

TEST(CpuLevel, RefusesALevelThatTheCpuCannotRun) {
  for (const CpuLevel level : kCpuLevels) {
    if (is_supported(level)) continue;
    const auto refused = choose_level(name(level));
    ASSERT_FALSE(refused);
    EXPECT_THAT(refused.error().message, HasSubstr("cannot run"));
  }
}

void expect_complete(const KernelSet& kernels) {
  for (const WeightKernel& kernel : kernels.products) {
    EXPECT_GT(kernel.activation_bytes, kBlock);
    EXPECT_NE(kernel.write_column, nullptr);
    EXPECT_THAT(kernel.multiply, testing::Each(testing::Ne(nullptr)));
  }
}

TEST(CpuLevel, HasAKernelOfEveryTypeAndWidth) {
  expect_complete(kernel_set(CpuLevel::Scalar));
  for (const PlatformLevel& level : platform_levels()) {
    expect_complete(*level.kernels);
    EXPECT_NE(level.attention->attend_rows, nullptr) << name(level.level);
  }
}

TEST(CpuLevel, OfAPlatformHasItsOwnKernels) {
  std::set<const KernelSet*> seen{&kernel_set(CpuLevel::Scalar)};
  for (const PlatformLevel& level : platform_levels()) {
    EXPECT_TRUE(seen.insert(level.kernels).second) << name(level.level);
    if (!is_supported(level.level)) continue;
    EXPECT_EQ(&kernel_set(level.level), level.kernels);
    EXPECT_EQ(&attention_kernels(level.level), level.attention);
  }
}

TEST(CpuLevel, OfAPlatformIsListedInTheOrderOfSpeed) {
  EXPECT_TRUE(std::ranges::is_sorted(platform_levels(), {}, &PlatformLevel::level));
  EXPECT_FALSE(needed_features().empty());
}

TEST(CpuLevel, OfAnotherProcessorIsKnownButRefused) {
  for (const CpuLevel level : kCpuLevels) {
    if (level == CpuLevel::Scalar ||
        std::ranges::count(platform_levels(), level, &PlatformLevel::level) != 0)
      continue;
    EXPECT_FALSE(is_supported(level));
    EXPECT_THAT(choose_level(name(level)).error().message, HasSubstr("it runs scalar"));
  }
}

}  // namespace
}  // namespace shimmy::kernels
