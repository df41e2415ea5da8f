#include "kernels/half.h"

#include <ggml.h>
#include <gtest/gtest.h>

#include <bit>
#include <cmath>
#include <cstdint>

namespace shimmy::kernels {
namespace {

TEST(Half, AgreesWithGgmlForEveryBitPattern) {
  for (std::uint32_t bits = 0; bits <= 0xffffU; ++bits) {
    const auto half = static_cast<std::uint16_t>(bits);
    const float ours = half_to_float(half);
    const float theirs = ggml_fp16_to_fp32(half);
    if (std::isnan(theirs)) EXPECT_TRUE(std::isnan(ours)) << bits;
    else
      ASSERT_EQ(std::bit_cast<std::uint32_t>(ours), std::bit_cast<std::uint32_t>(theirs)) << bits;
  }
}

TEST(Half, WidensBfloatsByZeros) {
  EXPECT_EQ(bfloat_to_float(0x3f80), 1.0F);
  EXPECT_EQ(bfloat_to_float(0xc020), -2.5F);
  EXPECT_EQ(bfloat_to_float(0x0001), std::bit_cast<float>(0x00010000U));
  EXPECT_TRUE(std::isnan(bfloat_to_float(0x7fc0)));
}

}  // namespace
}  // namespace shimmy::kernels
