// The compiled kernels of one instruction set, as plain functions that any code may call.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "kernels/weight_type.h"

namespace shimmy::kernels {

// The numbers of columns that tiles are compiled for; others take the next wider one and ignore its
// last columns.
inline constexpr std::array<std::size_t, 8> kTileWidths = {1, 2, 3, 4, 6, 8, 12, 16};
inline constexpr std::size_t kMaxTileWidth = 16;

constexpr std::size_t width_index(std::size_t columns) {
  std::size_t index = 0;
  while (kTileWidths.at(index) < columns) ++index;
  return index;
}

// Multiplies 16 rows of packed weights, `cells` cells long, with the columns of a tile of
// activations. Row i of column m goes to columns[m][i].
using MultiplyTile = void (*)(const std::uint8_t* weights, std::size_t cells,
                              const std::uint8_t* activations, float* const* columns);

// Writes blocks [first, last) of one column of floats into its slot of a tile of activations. A
// null column stands for zeros.
using WriteColumn = void (*)(const float* column, std::size_t first, std::size_t last,
                             std::uint8_t* tile, std::size_t width, std::size_t slot);

struct WeightKernel {
  std::array<MultiplyTile, kTileWidths.size()> multiply;
  WriteColumn write_column;
  std::size_t activation_bytes;  // of one column, one block of 32 values
};

// By WeightType.
using KernelSet = std::array<WeightKernel, kWeightTypes>;

extern const KernelSet kScalarKernels;

}  // namespace shimmy::kernels
