// The order in which a matrix product, dense or of experts, goes through its columns.
#pragma once

#include <ggml.h>

#include <cstddef>
#include <cstdint>
#include <span>

#include "kernels/packed_tensor.h"

namespace shimmy::kernels {

struct Column {
  const float* from;  // a column of activations
  float* to;          // the column of the result
};

// Up to 16 columns that meet the same matrix.
struct ColumnTile {
  std::uint32_t matrix;
  std::uint32_t first;  // into the columns
  std::uint32_t count;
  std::uint32_t width;         // of the compiled kernel: count or a few more
  std::size_t columns_before;  // the widths of all tiles before this one
};

struct ProductPlan {
  std::span<const Column> columns;
  std::span<const ColumnTile> tiles;
  std::size_t matrices;
};

// An upper bound of what plan_product() writes, in bytes, and of all tiles' widths together.
std::size_t plan_bytes(const ggml_tensor& op);
std::size_t planned_columns(const ggml_tensor& op);

// Plans a MUL_MAT or MUL_MAT_ID whose columns are read from `x` (its src[1], or a tensor of the
// same shape) into `memory` (plan_bytes() of it, aligned to 16). The same for every thread that
// plans the same op.
ProductPlan plan_product(const ggml_tensor& op, const ggml_tensor& x, std::uint8_t* memory);

}  // namespace shimmy::kernels
