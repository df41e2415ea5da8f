// Every instruction set's vectors against plain arithmetic.
#include <ggml.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstdint>
#include <limits>
#include <numeric>
#include <string>
#include <vector>

#include "kernels/lane_ops_fixture.h"
#include "kernels/weights_fixture.h"

namespace shimmy::kernels {
namespace {

constexpr float kInfinity = std::numeric_limits<float>::infinity();
constexpr float kNaN = std::numeric_limits<float>::quiet_NaN();

std::vector<NamedOps> supported_ops() {
  std::vector<NamedOps> list = platform_lane_ops();
  list.push_back({"scalar", scalar_lane_ops()});
  return list;
}

class Lanes : public testing::TestWithParam<NamedOps> {
 protected:
  const LaneOps& ops() const { return GetParam().ops; }
  Floats random(std::size_t count) { return random_floats(count, random_); }
  Floats zeros() const { return Floats(ops().lanes); }

  Random random_{5};
};

bool is_same(float a, float b) {
  return (std::isnan(a) && std::isnan(b)) ||
         std::bit_cast<std::uint32_t>(a) == std::bit_cast<std::uint32_t>(b);
}

TEST_P(Lanes, ReadEveryHalf) {
  std::vector<std::uint16_t> halves(65536);
  std::iota(halves.begin(), halves.end(), std::uint16_t{0});
  Floats to = zeros();
  for (std::size_t i = 0; i < halves.size(); i += ops().lanes) {
    ops().load_halves(reinterpret_cast<const std::uint8_t*>(halves.data() + i), to.data());
    for (std::size_t lane = 0; lane < to.size(); ++lane)
      ASSERT_TRUE(is_same(to[lane], ggml_fp16_to_fp32(halves[i + lane]))) << halves[i + lane];
  }
}

TEST_P(Lanes, ReadEveryBfloat) {
  std::vector<std::uint16_t> words(65536);
  std::iota(words.begin(), words.end(), std::uint16_t{0});
  Floats to = zeros();
  for (std::size_t i = 0; i < words.size(); i += ops().lanes) {
    ops().load_bfloats(reinterpret_cast<const std::uint8_t*>(words.data() + i), to.data());
    for (std::size_t lane = 0; lane < to.size(); ++lane) {
      const auto expected = std::bit_cast<float>(std::uint32_t{words[i + lane]} << 16);
      ASSERT_TRUE(is_same(to[lane], expected)) << words[i + lane];
    }
  }
}

TEST_P(Lanes, SpreadAHalfToAllLanes) {
  using Half = std::uint16_t;
  for (const Half half : {Half{0}, Half{0x8001}, Half{0x3c00}, Half{0xfbff}, Half{0x7c00}}) {
    Floats to = zeros();
    ops().half(reinterpret_cast<const std::uint8_t*>(&half), to.data());
    for (const float lane : to) EXPECT_EQ(lane, ggml_fp16_to_fp32(half));
  }
}

TEST_P(Lanes, Divide) {
  const Floats x = random(ops().lanes);
  const Floats y = random(ops().lanes);
  Floats to = zeros();
  ops().divide(x.data(), y.data(), to.data());
  for (std::size_t i = 0; i < x.size(); ++i) EXPECT_EQ(to[i], x[i] / y[i]);
}

TEST_P(Lanes, SubtractAndMultiplyWithOneRounding) {
  const Floats x = random(ops().lanes);
  const Floats y = random(ops().lanes);
  Floats difference = zeros();
  ops().subtract(x.data(), y.data(), difference.data());
  Floats sum = random(ops().lanes);
  const Floats before = sum;
  ops().fused(x.data(), y.data(), sum.data());
  for (std::size_t i = 0; i < x.size(); ++i) {
    EXPECT_EQ(difference[i], x[i] - y[i]);
    EXPECT_EQ(sum[i], std::fma(x[i], y[i], before[i]));
  }
}

TEST_P(Lanes, LargerKeepsTheSecondWhereOneIsNoNumber) {
  Floats x = random(ops().lanes);
  Floats y = random(ops().lanes);
  x[0] = kNaN;
  y[1] = kNaN;
  x[2] = -kInfinity;
  Floats to = zeros();
  ops().larger(x.data(), y.data(), to.data());
  EXPECT_EQ(to[0], y[0]);
  EXPECT_TRUE(std::isnan(to[1]));
  for (std::size_t i = 2; i < x.size(); ++i) EXPECT_EQ(to[i], std::max(x[i], y[i]));
}

TEST_P(Lanes, ChooseByBits) {
  const Floats x = random(ops().lanes);
  const Floats y = random(ops().lanes);
  Floats to = zeros();
  for (const std::uint32_t bits : {0x0U, 0x1U, 0x5a5aU, 0xa5c3U, 0xffffU, 0xffff0000U}) {
    ops().where(bits, x.data(), y.data(), to.data());
    for (std::size_t i = 0; i < x.size(); ++i)
      EXPECT_EQ(to[i], (bits >> i & 1) != 0 ? x[i] : y[i]) << bits << ' ' << i;
  }
}

TEST_P(Lanes, SumEachVectorInItsOwnLane) {
  const std::size_t lanes = ops().lanes;
  Floats vectors(lanes * lanes);
  // Whole numbers: every order of adding them is exact.
  for (std::size_t i = 0; i < vectors.size(); ++i)
    vectors[i] = static_cast<float>(static_cast<int>(random_() % 2001) - 1000);
  Floats to = zeros();
  ops().sum_each(vectors.data(), to.data());
  for (std::size_t i = 0; i < lanes; ++i) {
    const auto begin = vectors.begin() + static_cast<std::ptrdiff_t>(i * lanes);
    const float expected = std::accumulate(begin, begin + static_cast<std::ptrdiff_t>(lanes), 0.0F);
    EXPECT_EQ(to[i], expected) << i;
    EXPECT_EQ(ops().sum_lanes(&*begin), expected) << i;
  }
}

TEST_P(Lanes, FindTheLargestLaneWhereverItIs) {
  for (std::size_t at = 0; at < ops().lanes; ++at) {
    Floats x(ops().lanes, -5);
    x[at] = -4;
    EXPECT_EQ(ops().largest_lane(x.data()), -4.0F) << at;
  }
}

TEST_P(Lanes, PowersOfTwoAreRightToTwoUnits) {
  Floats to = zeros();
  for (int step = 0; step < 20000; ++step) {
    Floats x(ops().lanes, static_cast<float>(step) * (-126.0F / 20000));
    ops().power_of_two(x.data(), to.data());
    const double exact = std::exp2(static_cast<double>(x[0]));
    ASSERT_NEAR(to[0] / exact, 1, 2.5e-7) << x[0];
    ASSERT_EQ(to.back(), to[0]);
  }
}

TEST_P(Lanes, PowersOfTwoKnowTheirEnds) {
  Floats x(ops().lanes);
  x[0] = 0;
  x[1] = -kInfinity;
  x[2] = -1000;
  x[3] = kNaN;
  Floats to = zeros();
  ops().power_of_two(x.data(), to.data());
  EXPECT_EQ(to[0], 1.0F);
  EXPECT_EQ(to[1], 0.0F);
  EXPECT_EQ(to[2], 0.0F);
  EXPECT_TRUE(std::isnan(to[3]));
}

TEST_P(Lanes, HyperbolicTangentsAreRightToSevenUnits) {
  Floats to = zeros();
  for (int step = -40000; step <= 40000; ++step) {
    const float x = static_cast<float>(step) * (12.0F / 40000);
    // Small ones as well: the error is one of size, not of distance.
    for (const float scale : {1.0F, 1e-3F, 1e-30F}) {
      ops().hyperbolic_tangent(Floats(ops().lanes, x * scale).data(), to.data());
      const double exact = std::tanh(static_cast<double>(x * scale));
      ASSERT_NEAR(to[0], exact, 4e-7 * std::abs(exact)) << x * scale;
      ASSERT_EQ(to.back(), to[0]);
    }
  }
}

TEST_P(Lanes, HyperbolicTangentsKnowTheirEnds) {
  Floats x(ops().lanes);
  x[0] = kInfinity;
  x[1] = -kInfinity;
  x[2] = kNaN;
  Floats to = zeros();
  ops().hyperbolic_tangent(x.data(), to.data());
  EXPECT_NEAR(to[0], 1, 4e-7);
  EXPECT_NEAR(to[1], -1, 4e-7);
  EXPECT_TRUE(std::isnan(to[2]));
  EXPECT_EQ(to[3], 0.0F);
}

TEST_P(Lanes, TellWhichOf64WordsDiffer) {
  for (int round = 0; round < 200; ++round) {
    std::vector<std::uint16_t> words(64);
    for (auto& word : words) word = static_cast<std::uint16_t>(random_() % 3 + 0xfbff);
    std::uint64_t expected = 0;
    for (std::size_t i = 0; i < 64; ++i)
      expected |= static_cast<std::uint64_t>(words[i] != 0xfc00) << i;
    ASSERT_EQ(ops().differs(words.data(), 0xfc00), expected);
  }
}

TEST_P(Lanes, EachOf64WordsHasItsOwnBit) {
  for (std::size_t at = 0; at < 64; ++at) {
    std::vector<std::uint16_t> words(64, 7);
    words[at] = 8;
    EXPECT_EQ(ops().differs(words.data(), 7), std::uint64_t{1} << at);
  }
}

TEST_P(Lanes, TheLargestMagnitudeOf32IsFoundAnywhere) {
  for (std::size_t at = 0; at < 32; ++at) {
    Floats x = random(32);
    x[at] = at % 2 == 0 ? -1e6F : 1e6F;
    EXPECT_EQ(std::bit_cast<float>(ops().largest(x.data())), 1e6F) << at;
    x[at] = -kInfinity;
    EXPECT_EQ(ops().largest(x.data()), 0x7f800000U);
    x[at] = kNaN;
    EXPECT_GT(ops().largest(x.data()), 0x7f800000U);
  }
  EXPECT_EQ(ops().largest(Floats(32, -0.0F).data()), 0U);
}

TEST_P(Lanes, RoundToTheNearestEvenByteAndSumHalves) {
  Floats x(32);
  for (std::size_t i = 0; i < 32; ++i) x[i] = static_cast<float>(i) - 15.5F;
  x[30] = 63.5F;
  x[31] = -63.5F;
  std::vector<std::uint8_t> bytes(32);
  std::vector<std::int32_t> sums = {10, -10};
  ops().round(x.data(), 2, bytes.data(), sums.data());
  EXPECT_EQ(static_cast<std::int8_t>(bytes[30]), 127);
  EXPECT_EQ(static_cast<std::int8_t>(bytes[31]), -127);
  ops().round(x.data(), 1, bytes.data(), sums.data());
  std::int32_t first = 10;
  std::int32_t second = -10;
  for (std::size_t i = 0; i < 32; ++i) {
    const auto expected = static_cast<std::int32_t>(std::nearbyint(x[i]));
    EXPECT_EQ(static_cast<std::int8_t>(bytes[i]), expected) << x[i];
    (i < 16 ? first : second) += expected + static_cast<std::int32_t>(2 * x[i]);
  }
  EXPECT_THAT(sums, testing::ElementsAre(first, second));
}

INSTANTIATE_TEST_SUITE_P(EveryInstructionSet, Lanes, testing::ValuesIn(supported_ops()),
                         [](const auto& of) { return of.param.name; });

}  // namespace
}  // namespace shimmy::kernels
