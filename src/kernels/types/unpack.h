// The steps of unpacking that the weight types share. See cell_layout.h for the planes.
#pragma once

#include <cstddef>
#include <cstdint>

#include "kernels/cell_layout.h"

namespace shimmy::kernels {

// All take the plane of one block and the first row of the vectors, and leave 8 vectors of bytes.
template <class V>
struct Unpack {
  using Bytes = typename V::Bytes;

  static Bytes vector(const std::uint8_t* plane, int index, int row) {
    return V::load_bytes(plane + static_cast<std::size_t>(index) * kVector +
                         4 * static_cast<std::size_t>(row));
  }

  static void nibbles(const std::uint8_t* plane, int row, Bytes* values) {
    for (int j = 0; j < 4; ++j) {
      const Bytes both = vector(plane, j, row);
      values[j] = V::template field<0, 15>(both);
      values[j + 4] = V::template field<4, 15>(both);
    }
  }

  // Values of five bits from a plane of nibbles and one of their highest bits.
  static void five_bits(const std::uint8_t* nibble_plane, const std::uint8_t* bit_plane, int row,
                        Bytes* values) {
    if constexpr (requires(Bytes x) { V::template blend<0, -4, 15>(x, x); }) {
      const Bytes eight = vector(bit_plane, 0, row);
      // Bits i and 4 + i of each byte; the upper one lies where the highest bit of a value belongs.
      const Bytes pairs[4] = {V::template field<0, 17>(eight), V::template field<1, 17>(eight),
                              V::template field<2, 17>(eight), V::template field<3, 17>(eight)};
      for (int j = 0; j < 4; ++j) {
        const Bytes both = vector(nibble_plane, j, row);
        values[j] = V::template blend<0, -4, 15>(both, pairs[j]);
        values[j + 4] = V::template blend<4, 0, 15>(both, pairs[j]);
      }
    } else {
      nibbles(nibble_plane, row, values);
      add_bit<4>(bit_plane, row, values);
    }
  }

  static void two_bits(const std::uint8_t* plane, int row, Bytes* values) {
    for (int p = 0; p < 2; ++p) {
      const Bytes four = vector(plane, p, row);
      values[4 * p] = V::template field<0, 3>(four);
      values[4 * p + 1] = V::template field<2, 3>(four);
      values[4 * p + 2] = V::template field<4, 3>(four);
      values[4 * p + 3] = V::template field<6, 3>(four);
    }
  }

  // Sets bit kTo of each value from the plane of one bit.
  template <int kTo>
  static void add_bit(const std::uint8_t* plane, int row, Bytes* values) {
    const Bytes eight = vector(plane, 0, row);
    values[0] = V::either(values[0], V::template field<0 - kTo, 1 << kTo>(eight));
    values[1] = V::either(values[1], V::template field<1 - kTo, 1 << kTo>(eight));
    values[2] = V::either(values[2], V::template field<2 - kTo, 1 << kTo>(eight));
    values[3] = V::either(values[3], V::template field<3 - kTo, 1 << kTo>(eight));
    values[4] = V::either(values[4], V::template field<4 - kTo, 1 << kTo>(eight));
    values[5] = V::either(values[5], V::template field<5 - kTo, 1 << kTo>(eight));
    values[6] = V::either(values[6], V::template field<6 - kTo, 1 << kTo>(eight));
    values[7] = V::either(values[7], V::template field<7 - kTo, 1 << kTo>(eight));
  }

  // Sets bits 4 and 5 of each value from the plane of two bits.
  static void add_two_bits(const std::uint8_t* plane, int row, Bytes* values) {
    for (int p = 0; p < 2; ++p) {
      const Bytes four = vector(plane, p, row);
      values[4 * p] = V::either(values[4 * p], V::template field<-4, 48>(four));
      values[4 * p + 1] = V::either(values[4 * p + 1], V::template field<-2, 48>(four));
      values[4 * p + 2] = V::either(values[4 * p + 2], V::template field<0, 48>(four));
      values[4 * p + 3] = V::either(values[4 * p + 3], V::template field<2, 48>(four));
    }
  }

  static void look_up(const std::uint8_t* table, Bytes* values) {
    for (int j = 0; j < 8; ++j) values[j] = V::look_up(table, values[j]);
  }
};

// The 16-bit scales of the rows, the first array of nearly every cell.
template <class V>
typename V::Floats halves(const std::uint8_t* array, int row) {
  return V::load_halves(array + 2 * row);
}

}  // namespace shimmy::kernels
