// The loop of tile.h for weights without blocks: 16-bit floats with 32-bit ones. Every column is
// summed in the order of its values.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>

#include "kernels/activations.h"
#include "kernels/tile.h"
#include "kernels/weight_type.h"

namespace shimmy::kernels {

template <class V, class T, int kWidth>
class FloatTile {
 public:
  static void multiply(const PackedRows& rows, const std::uint8_t* activations,
                       float* const* columns) {
    if constexpr (kStrips == 1) {
      Floats sums[kVectors][kWidth];
      clear<kWidth>(sums);
      for_each_cell(rows, [&](const Packed& cell) {
        add_cell<kWidth>(cell, activations, sums);
        activations += kActivationBytes;
      });
      store<kWidth>(sums, columns);
    } else {
      multiply_strips(rows, activations, columns);
    }
  }

 private:
  using Floats = typename V::Floats;
  static constexpr std::size_t kCellBytes = cell_bytes(T::kType);
  static constexpr std::size_t kActivationBytes = FloatActivations::kBytes * kWidth;
  static constexpr int kVectors = static_cast<int>(kCellRows) / V::kRows;
  // Columns whose sums for all rows fit the registers; strips of a wide tile are alike.
  static constexpr int kMostOfStrip = V::kRows == 16 ? 16 : 6;
  static constexpr int kStrips = (kWidth + kMostOfStrip - 1) / kMostOfStrip;
  static constexpr int kStrip = (kWidth + kStrips - 1) / kStrips;

  // One cell's weights, as they lie or as floats.
  struct Packed {
    const std::uint8_t* cell;
    const std::uint8_t* ahead;

    Floats load(std::size_t k, int vector) const {
      if (vector == 0 && k % 2 == 0) __builtin_prefetch(ahead + k * 2 * kCellRows, 0, 3);
      return T::load(cell + 2 * (k * kCellRows + static_cast<std::size_t>(vector * V::kRows)));
    }
  };
  struct Unpacked {
    const float* cell;

    Floats load(std::size_t k, int vector) const {
      return V::load(cell + k * kCellRows + vector * V::kRows);
    }
  };

  template <class Use>
  static void for_each_cell(const PackedRows& rows, Use use) {
    const FetchAhead<V> ahead(rows, kCellBytes);
    const std::uint8_t* weights = rows.cells;
    for (std::size_t cell = 0; cell < rows.count; ++cell, weights += kCellBytes)
      use(Packed{weights, ahead.of(weights)});
  }

  // Wide tiles unpack a cell once for all their strips; sums wait in memory meanwhile.
  static void multiply_strips(const PackedRows& rows, const std::uint8_t* activations,
                              float* const* columns) {
    alignas(64) float unpacked[kBlock * kCellRows];
    alignas(64) float sums[kCellRows * kWidth] = {};
    for_each_cell(rows, [&](const Packed& cell) {
      for (std::size_t k = 0; k < kBlock; ++k) {
        for (int i = 0; i < kVectors; ++i)
          V::store(unpacked + k * kCellRows + i * V::kRows, cell.load(k, i));
      }
      std::size_t m = 0;
      for (; m + kStrip <= kWidth; m += kStrip)
        add_strip<kStrip>(unpacked, activations + m * FloatActivations::kBytes,
                          sums + m * kCellRows);
      if constexpr (kWidth % kStrip != 0)
        add_strip<kWidth % kStrip>(unpacked, activations + m * FloatActivations::kBytes,
                                   sums + m * kCellRows);
      activations += kActivationBytes;
    });
    for (std::size_t m = 0; m < kWidth; ++m)
      std::memcpy(columns[m], sums + m * kCellRows, kCellRows * sizeof(float));
  }

  template <int kColumns>
  static void add_strip(const float* unpacked, const std::uint8_t* activations, float* sums) {
    Floats here[kVectors][kColumns];
#pragma GCC unroll 16
    for (std::size_t m = 0; m < kColumns; ++m) {
#pragma GCC unroll 4
      for (int i = 0; i < kVectors; ++i) here[i][m] = V::load(sums + m * kCellRows + i * V::kRows);
    }
    add_cell<kColumns>(Unpacked{unpacked}, activations, here);
#pragma GCC unroll 16
    for (std::size_t m = 0; m < kColumns; ++m) {
#pragma GCC unroll 4
      for (int i = 0; i < kVectors; ++i) V::store(sums + m * kCellRows + i * V::kRows, here[i][m]);
    }
  }

  template <int kColumns, class Weights>
  static void add_cell(const Weights& weights, const std::uint8_t* activations,
                       Floats (*sums)[kColumns]) {
#pragma GCC unroll 2
    for (std::size_t k = 0; k < kBlock; ++k) {
      Floats weight[kVectors];
#pragma GCC unroll 4
      for (int i = 0; i < kVectors; ++i) weight[i] = weights.load(k, i);
#pragma GCC unroll 16
      for (int m = 0; m < kColumns; ++m) {
        const Floats x =
            V::floats(word_at<float>(activations + 4 * k, m * static_cast<int>(kBlock)));
#pragma GCC unroll 4
        for (int i = 0; i < kVectors; ++i) sums[i][m] = V::fused(weight[i], x, sums[i][m]);
      }
    }
  }

  template <int kColumns>
  static void clear(Floats (*sums)[kColumns]) {
#pragma GCC unroll 16
    for (int m = 0; m < kColumns; ++m) {
#pragma GCC unroll 4
      for (int i = 0; i < kVectors; ++i) sums[i][m] = V::floats(0);
    }
  }
  template <int kColumns>
  static void store(const Floats (*sums)[kColumns], float* const* columns) {
#pragma GCC unroll 16
    for (int m = 0; m < kColumns; ++m) {
#pragma GCC unroll 4
      for (int i = 0; i < kVectors; ++i) V::store(columns[m] + i * V::kRows, sums[i][m]);
    }
  }
};

}  // namespace shimmy::kernels
