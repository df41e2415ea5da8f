// Turns rows of ggml's blocks into the cells that our kernels read, and back to the same bytes.
#pragma once

#include <cstddef>
#include <cstdint>

#include "kernels/weight_type.h"

namespace shimmy::kernels {

// 16 rows that lie one after another, each `blocks` blocks long; `rows` of them exist (at least 1),
// the others are taken as zeros.
struct RowGroup {
  WeightType type;
  std::size_t rows;
  std::size_t blocks;

  std::size_t row_bytes() const { return blocks * block_shape(type).bytes; }
  std::size_t packed_bytes() const { return blocks * cell_bytes(type); }
};

// Writes group.packed_bytes() bytes from group.rows * group.row_bytes() ones.
void pack_rows(const RowGroup& group, const std::uint8_t* rows, std::uint8_t* cells);

// The reverse, bit by bit.
void restore_rows(const RowGroup& group, const std::uint8_t* cells, std::uint8_t* rows);

// One row of the group: group.row_bytes() bytes.
void restore_row(const RowGroup& group, const std::uint8_t* cells, std::size_t row,
                 std::uint8_t* to);

}  // namespace shimmy::kernels
