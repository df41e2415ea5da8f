// 16 rows of packed weights with many columns on a matrix unit, which multiplies a whole block of
// them at once. Templates over V as in tile.h; each result has the bits of QuantizedTile's.
//
// A Unit is made for a number of columns and of values; its multiply() takes the signed bytes of
// the columns, kBlock bytes apart, and the unsigned ones of 16 rows as V unpacks them, and writes
// the sums of their products: 16 rows of the first column, of the next, and so on.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>

#include "kernels/cell_layout.h"
#include "kernels/tile.h"

namespace shimmy::kernels {

template <class V, class T, int kWidth, class Unit>
class MatrixTile : QuantizedTile<V, T, kWidth> {
 public:
  static void multiply(const PackedRows& rows, const std::uint8_t* activations,
                       float* const* columns) {
    const FetchAhead<V> ahead(rows, Tile::kCellBytes);
    const std::uint8_t* weights = rows.cells;
    const Unit unit(kWidth, kValues);
    Floats sums[kWidth];
    for (Floats& sum : sums) sum = V::floats(0);
    for (std::size_t cell = 0; cell < rows.count; ++cell, weights += Tile::kCellBytes) {
      Floats scale[Tile::kScales];
      Floats offset[T::kHasOffset ? Tile::kScales : 1];
      T::scales(weights, 0, scale, offset);
      for (int block = 0; block < T::kBlocks; ++block, activations += Tile::kActivationBytes) {
        Tile::prefetch(ahead.of(weights) + static_cast<std::size_t>(block) * kBlockBytes);
        typename V::Bytes values[8];
        T::unpack(weights, block, 0, values);
        const int first = block * T::kParts;
        add_block(unit, values, scale + first, offset + (T::kHasOffset ? first : 0), activations,
                  sums);
      }
    }
    for (int m = 0; m < kWidth; ++m) V::store(columns[m], sums[m]);
  }

 private:
  using Tile = QuantizedTile<V, T, kWidth>;
  using Floats = typename V::Floats;
  using Ints = typename V::Ints;
  static_assert(V::kRows == kCellRows && !V::kPairsColumns && !V::kSignedWide);
  static constexpr std::size_t kBlockBytes = Tile::kCellBytes / T::kBlocks;
  static constexpr std::size_t kValues = kBlock / T::kParts;  // that have one scale

  static void add_block(const Unit& unit, const typename V::Bytes* values, const Floats* scale,
                        const Floats* offset, const std::uint8_t* activations, Floats* sums) {
    alignas(64) std::uint8_t unpacked[8 * kVector];
    alignas(64) std::int32_t products[T::kParts][kWidth][kCellRows];
    std::memcpy(unpacked, values, sizeof(unpacked));
    for (std::size_t part = 0; part < T::kParts; ++part) {
      unit.multiply(activations + part * kValues, unpacked + part * kValues / 4 * kVector,
                    products[part][0]);
    }
    const std::uint8_t* const words = activations + kBlock * kWidth + 4 * kWidth;
    for (int m = 0; m < kWidth; ++m) {
      Ints of_column[T::kParts];
      for (int part = 0; part < T::kParts; ++part) {
        std::memcpy(of_column + part, products[part][m], sizeof(Ints));
        of_column[part] = V::add(of_column[part], V::ints(Tile::start(words, part * kWidth + m)));
      }
      sums[m] = Tile::scaled(of_column, scale, offset, activations, m, sums[m]);
    }
  }
};

}  // namespace shimmy::kernels
