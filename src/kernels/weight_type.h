// The weight types that our kernels multiply, and the facts of each that packing and multiplying
// share.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

namespace shimmy::kernels {

enum class WeightType : std::uint8_t {
  Q40,
  Q41,
  Q50,
  Q51,
  Q80,
  Iq4Nl,
  Mxfp4,  // blocks of 32 values
  Q2K,
  Q3K,
  Q4K,
  Q5K,
  Q6K,
  Iq4Xs,  // blocks of 256
  F16,
  Bf16,  // no blocks; cells of 32 values
};
inline constexpr std::size_t kWeightTypes = 15;

// Rows of one cell of packed weights, and values of one block of activations.
inline constexpr std::size_t kCellRows = 16;
inline constexpr std::size_t kBlock = 32;

// One cell is 16 rows of one block; it takes exactly 16 times the bytes of ggml's block.
struct BlockShape {
  std::size_t values;  // of one row
  std::size_t bytes;   // of one row
};

constexpr BlockShape block_shape(WeightType type) {
  constexpr std::array<BlockShape, kWeightTypes> kShapes{{{32, 18},
                                                          {32, 20},
                                                          {32, 22},
                                                          {32, 24},
                                                          {32, 34},
                                                          {32, 18},
                                                          {32, 17},
                                                          {256, 84},
                                                          {256, 110},
                                                          {256, 144},
                                                          {256, 176},
                                                          {256, 210},
                                                          {256, 136},
                                                          {32, 64},
                                                          {32, 64}}};
  return kShapes.at(static_cast<std::size_t>(type));
}

constexpr std::size_t cell_bytes(WeightType type) { return kCellRows * block_shape(type).bytes; }

}  // namespace shimmy::kernels
