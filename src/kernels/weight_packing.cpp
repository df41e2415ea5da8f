#include "kernels/weight_packing.h"

#include <cstring>

#include "kernels/ggml_blocks.h"

namespace shimmy::kernels {

void pack_rows(const RowGroup& group, const std::uint8_t* rows, std::uint8_t* cells) {
  const std::size_t bytes = block_shape(group.type).bytes;
  for (std::size_t block = 0; block < group.blocks; ++block) {
    std::uint8_t* cell = cells + block * cell_bytes(group.type);
    if (group.rows < kCellRows) std::memset(cell, 0, cell_bytes(group.type));
    for (std::size_t row = 0; row < group.rows; ++row) {
      const std::uint8_t* from = rows + (row * group.blocks + block) * bytes;
      move_block(group.type, Lane</*kPacks=*/true>(cell, row, from));
    }
  }
}

void restore_row(const RowGroup& group, const std::uint8_t* cells, std::size_t row,
                 std::uint8_t* to) {
  for (std::size_t block = 0; block < group.blocks; ++block) {
    move_block(group.type, Lane</*kPacks=*/false>(cells + block * cell_bytes(group.type), row,
                                                  to + block * block_shape(group.type).bytes));
  }
}

void restore_rows(const RowGroup& group, const std::uint8_t* cells, std::uint8_t* rows) {
  for (std::size_t row = 0; row < group.rows; ++row) {
    restore_row(group, cells, row, rows + row * group.row_bytes());
  }
}

}  // namespace shimmy::kernels
