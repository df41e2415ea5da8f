#include "kernels/tile.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <bit>
#include <cmath>
#include <limits>
#include <vector>

#include "kernels/cpu_level.h"
#include "kernels/guarded_memory_fixture.h"
#include "kernels/tile_fixture.h"
#include "kernels/weights_fixture.h"

namespace shimmy::kernels {
namespace {

Floats multiply_tile(const TileInput& input, CpuLevel level, Guard guard) {
  return multiply_tile(input, kernel_set(level).of(input.type), guard);
}

// The exact product, and how far rounding activations to bytes may lead from it.
struct Expected {
  double product = 0;
  double error = 0;
};

Expected expected(const float* weights, const float* column, std::size_t values) {
  Expected sum;
  for (std::size_t block = 0; block < values; block += kBlock) {
    double largest_x = 0;
    double largest_weight = 0;
    double weights_sum = 0;
    for (std::size_t k = block; k < block + kBlock; ++k) {
      sum.product += static_cast<double>(weights[k]) * column[k];
      largest_x = std::max(largest_x, std::abs(static_cast<double>(column[k])));
      largest_weight = std::max(largest_weight, std::abs(static_cast<double>(weights[k])));
      weights_sum += std::abs(static_cast<double>(weights[k]));
    }
    sum.error +=
        weights_sum * largest_x / 253 + 1e-4 * largest_weight * largest_x + weights_sum * 0x1p-119;
  }
  return sum;
}

class Tile : public testing::TestWithParam<WeightType> {
 protected:
  TileInput ordinary(std::size_t values, std::size_t width) {
    return {GetParam(), values, width, quantised_weights(GetParam(), kCellRows, values, random_),
            random_floats(width * values, random_)};
  }
  TileInput hostile(std::size_t values, std::size_t width) {
    return {GetParam(), values, width, hostile_weights(GetParam(), kCellRows, values, random_),
            hostile_activations(width * values, random_)};
  }
  static void expect_product(const TileInput& input, const Floats& result) {
    const Floats weights = dequantised(input.type, input.weights);
    for (std::size_t m = 0; m < input.width; ++m) {
      for (std::size_t row = 0; row < kCellRows; ++row) {
        const Expected exact = expected(weights.data() + row * input.values,
                                        input.columns.data() + m * input.values, input.values);
        ASSERT_NEAR(result.at(m * kCellRows + row), exact.product, exact.error)
            << "column " << m << " row " << row;
      }
    }
  }
  static void expect_same_on_every_level(const TileInput& input) {
    const Floats reference = multiply_tile(input, CpuLevel::Scalar, Guard::After);
    expect_product(input, reference);
    for (const CpuLevel level : supported_levels()) {
      const Floats result = multiply_tile(input, level, Guard::Before);
      ASSERT_EQ(result, multiply_tile(input, level, Guard::After)) << name(level);
      if (multiplies_like_scalar(input.type, level))
        ASSERT_EQ(result, reference) << name(level) << ", width " << input.width;
      else expect_product(input, result);
    }
  }

  Random random_{7};
};

// One test for three promises: right, the same to the last bit on every level, within its buffers.
TEST_P(Tile, MultipliesOrdinaryValuesAlikeOnEveryLevel) {
  for (const std::size_t width : kTileWidths) {
    expect_same_on_every_level(ordinary(256 * (1 + width % 3), width));
  }
}

TEST_P(Tile, MultipliesHostileValuesAlikeOnEveryLevel) {
  for (const std::size_t width : kTileWidths) {
    for (int round = 0; round < 3; ++round) expect_same_on_every_level(hostile(512, width));
  }
}

TEST_P(Tile, MultipliesTheShortestRows) {
  expect_same_on_every_level(ordinary(block_shape(GetParam()).values, 1));
  expect_same_on_every_level(ordinary(block_shape(GetParam()).values, 16));
}

TEST_P(Tile, GivesAColumnTheSameResultInEveryWidth) {
  const TileInput wide = ordinary(512, kMaxTileWidth);
  const CpuLevel level = supported_levels().back();
  const Floats all = multiply_tile(wide, level, Guard::After);
  for (const std::size_t width : kTileWidths) {
    TileInput narrow = wide;
    narrow.width = width;
    narrow.columns.resize(width * wide.values);
    EXPECT_TRUE(std::ranges::equal(multiply_tile(narrow, level, Guard::After),
                                   std::span(all).first(width * kCellRows)))
        << width;
  }
}

TEST_P(Tile, LetsOneBadActivationSpoilOnlyItsColumn) {
  for (const float bad :
       {std::numeric_limits<float>::infinity(), std::numeric_limits<float>::quiet_NaN()}) {
    for (const CpuLevel level : supported_levels()) {
      TileInput input = ordinary(256, 3);
      input.columns.at(256 + 100) = bad;
      const Floats result = multiply_tile(input, level, Guard::After);
      for (std::size_t row = 0; row < kCellRows; ++row) {
        EXPECT_TRUE(std::isfinite(result.at(row)));
        EXPECT_FALSE(std::isfinite(result.at(kCellRows + row))) << name(level);
        EXPECT_TRUE(std::isfinite(result.at(2 * kCellRows + row)));
      }
    }
  }
}

TEST_P(Tile, TakesANullColumnAsZeros) {
  for (const CpuLevel level : supported_levels()) {
    const WeightKernel& kernel = kernel_set(level).of(GetParam());
    Bytes tile(8 * kernel.activation_bytes, 0xff);
    kernel.write_column(nullptr, 0, 8, tile.data(), 1, 0);
    EXPECT_TRUE(std::ranges::all_of(tile, [](std::uint8_t byte) { return byte == 0; }))
        << name(level);
  }
}

// What is drawn and computed here depends on no library and no compiler's choice, so one number
// stands for all processors: those of x86 and of ARM give the same bits.
TEST(TileOnEveryProcessor, GivesTheSameBits) {
  Random random(3);
  std::uint64_t hash = 0xcbf29ce484222325;
  for (const WeightType type : every_type()) {
    const TileInput input{type, 512, 3, hostile_weights(type, kCellRows, 512, random),
                          hostile_activations(std::size_t{3} * 512, random)};
    const CpuLevel fastest = supported_levels().back();
    const CpuLevel level = multiplies_like_scalar(type, fastest) ? fastest : CpuLevel::Scalar;
    for (const float x : multiply_tile(input, level, Guard::After))
      hash = (hash ^ std::bit_cast<std::uint32_t>(x)) * 0x100000001b3;
  }
  EXPECT_EQ(hash, 17141526184437838120U);
}

INSTANTIATE_TEST_SUITE_P(EveryType, Tile, testing::ValuesIn(every_type()),
                         [](const auto& type) { return name_of(type.param); });

}  // namespace
}  // namespace shimmy::kernels
