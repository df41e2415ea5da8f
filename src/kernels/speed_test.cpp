#include "kernels/speed.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "kernels/core_peak.h"
#include "kernels/cpu_level.h"
#include "kernels/install.h"

namespace shimmy::kernels {
namespace {

using testing::Contains;
using testing::HasSubstr;

TEST(Speed, ShapesHaveWholeBlocks) {
  EXPECT_THAT(product_types(), Contains("q4_K"));
  for (const std::string& type : product_types()) {
    const auto shapes = product_shapes(type);
    EXPECT_GE(shapes.size(), 6U) << type;
    for (const ProductShape& shape : shapes) {
      EXPECT_EQ(shape.values % (type.contains("K") || type == "iq4_xs" ? 256 : 32), 0) << type;
      EXPECT_GT(shape.rows * shape.columns, 0) << type;
    }
  }
}

TEST(Speed, MeasuresBothKernels) {
  ASSERT_TRUE(install(Choice::Shimmy));
  const auto speed = measure_product("q8_0", {64, 64, 48}, 1);
  ASSERT_TRUE(speed);
  EXPECT_GT(speed->ours, 0);
  EXPECT_GT(speed->ggml, 0);
  EXPECT_NEAR(speed->bandwidth, speed->ours * 34 / 32 / 48, 1e-9);
}

TEST(Speed, NamesTheTypesThatThereAre) {
  ASSERT_TRUE(install(Choice::Shimmy));
  const auto refused = measure_product("q9", {64, 64, 1}, 1);
  ASSERT_FALSE(refused);
  EXPECT_THAT(refused.error().message, testing::AllOf(HasSubstr("q9"), HasSubstr("mxfp4")));
}

TEST(Speed, MeasuresTheMachine) {
  ASSERT_TRUE(install(Choice::Shimmy));
  const MachineSpeed machine = measure_machine(1);
  EXPECT_GT(machine.peak, 0);
  EXPECT_GT(machine.bandwidth, 0.1);
}

TEST(CorePeak, IsKnownForEachLevelOfThisCpu) {
  for (const CpuLevel level : supported_levels()) {
    const double most = peak_of_one_core(level);
    EXPECT_EQ(most > 0, dot_products(level).run != nullptr) << name(level);
    EXPECT_LT(most, 10'000) << name(level);
  }
}

}  // namespace
}  // namespace shimmy::kernels
