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

// 16 rows of packed weights.
struct PackedRows {
  const std::uint8_t* cells;
  std::size_t count;         // of cells
  const std::uint8_t* next;  // what will probably be read after them: fetched meanwhile
};

// Multiplies them with the columns of a tile of activations. Row i of column m goes
// to columns[m][i].
using MultiplyTile = void (*)(const PackedRows& rows, const std::uint8_t* activations,
                              float* const* columns);

// Writes blocks [first, last) of one column of floats into its slot of a tile of activations. A
// null column stands for zeros.
using WriteColumn = void (*)(const float* column, std::size_t first, std::size_t last,
                             std::uint8_t* tile, std::size_t width, std::size_t slot);

struct WeightKernel {
  std::array<MultiplyTile, kTileWidths.size()> multiply;
  WriteColumn write_column;
  std::size_t activation_bytes;  // of one column, one block of 32 values
};

// What norms do with rows of floats; their results are the same on every instruction set.
struct RowKernels {
  // 1 / sqrt(mean of the squares + epsilon)
  float (*rms_scale)(const float* row, std::size_t count, float epsilon);
  // to[i] = row[i] * scale * weights[i]; `to` may be `row`.
  void (*scale_row)(const float* row, const float* weights, float scale, std::size_t count,
                    float* to);
};

struct KernelSet {
  std::array<WeightKernel, kWeightTypes> products;  // by WeightType
  RowKernels rows;

  constexpr const WeightKernel& of(WeightType type) const {
    return products.at(static_cast<std::size_t>(type));
  }
};

extern const KernelSet kScalarKernels;

}  // namespace shimmy::kernels
