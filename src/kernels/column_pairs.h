// Two neighbouring columns as one operand, for instructions that multiply 2 rows with 2 columns, 8
// values deep. The bytes of both lie interleaved in a tile of activations, 8 by 8; a last column
// without a neighbour lies, and is multiplied, by itself.
//
// A vector V with kPairsColumns has an accumulator of its rows and two columns, Pair; pair() starts
// one, dot_pair() adds 8 values, first_of() and second_of() are its columns. pair_rows() brings the
// 8 vectors of an unpacked block into the order of the instruction: 2 vectors for 8 values.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>

#include "kernels/weight_type.h"

namespace shimmy::kernels {

template <class V>
struct ColumnPairs {
  static constexpr bool has(std::size_t slot, std::size_t width) {
    return V::kPairsColumns && (slot | 1) < width;
  }

  // Has `write` put the bytes of a block and column into a tile: where they stay, if no neighbour
  // comes between them.
  template <class Write>
  static void place(std::uint8_t* tile, std::size_t width, std::size_t slot, Write write) {
    if (!has(slot, width)) {
      write(tile + kBlock * slot);
      return;
    }
    std::uint8_t bytes[kBlock];
    write(bytes);
    std::uint8_t* to = tile + kBlock * (slot & ~std::size_t{1}) + 8 * (slot & 1);
    for (std::size_t i = 0; i < kBlock; i += 8) std::memcpy(to + 2 * i, bytes + i, 8);
  }
};

}  // namespace shimmy::kernels
