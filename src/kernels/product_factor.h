// The matrices that a group of products multiplies.
#pragma once

#include <ggml.h>

#include <array>
#include <cstddef>
#include <cstdint>

#include "kernels/weight_type.h"

namespace shimmy::kernels {

// A matrix, or as many as there are experts.
struct Factor {
  const std::uint8_t* cells;
  std::size_t group_bytes;  // of 16 rows
  std::size_t cells_of_group;
  std::size_t rows;
  std::size_t groups;
  WeightType type;

  // The weights of 16 rows of one of the matrices.
  const std::uint8_t* group(std::size_t matrix, std::size_t index) const {
    return cells + (matrix * groups + index) * group_bytes;
  }
};

// Of a MUL_MAT or MUL_MAT_ID with packed weights.
Factor factor_of(const ggml_tensor& product);

}  // namespace shimmy::kernels
