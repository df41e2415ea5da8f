// The one loop that multiplies: 16 rows of packed weights with up to 16 columns of activations.
//
// V is a vector of rows (lanes_scalar.h), T a weight type (types/). Every column is summed in the
// same order whatever the width and V are, so a result depends on neither, to the last bit.
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>

#include "kernels/activations.h"
#include "kernels/column_pairs.h"
#include "kernels/kernel_set.h"
#include "kernels/weight_type.h"

namespace shimmy::kernels {

// How far ahead weights are fetched: the hardware's own prefetcher stops at the end of a page.
inline constexpr std::size_t kPrefetchBytes = 3072;

// Where weights are fetched from while a cell is read: further on in its group, or in the next.
template <class V>
class FetchAhead {
 public:
  FetchAhead(const PackedRows& rows, std::size_t cell_bytes)
      : turn_(std::bit_cast<std::uintptr_t>(rows.cells) + rows.count * cell_bytes - kPrefetchBytes),
        to_next_(std::bit_cast<std::uintptr_t>(rows.next) - turn_) {}

  const std::uint8_t* of(const std::uint8_t* weights) const {
    const auto at = std::bit_cast<std::uintptr_t>(weights);
    return std::bit_cast<const std::uint8_t*>(at + (at < turn_ ? kPrefetchBytes : to_next_));
  }

 private:
  std::uintptr_t turn_;
  std::uintptr_t to_next_;
};
// How many columns' chains of dot products run side by side.
inline constexpr int kInterleaved = 4;

template <class Word>
inline Word word_at(const std::uint8_t* words, int index) {
  Word word;
  std::memcpy(&word, words + 4 * index, sizeof(word));
  return word;
}

template <class V, class T, int kWidth>
class QuantizedTile {
 public:
  static void multiply(const PackedRows& rows, const std::uint8_t* activations,
                       float* const* columns) {
    for (int lane = 0; lane < static_cast<int>(kCellRows); lane += kStripes * V::kRows) {
      multiply_stripes(rows, activations, columns, lane);
    }
  }

 protected:
  // Vectors of rows that take a walk over the cells together: all where a few columns leave
  // registers for their sums, since what weights take to read is then most of the time.
  static constexpr int kOfCell = static_cast<int>(kCellRows) / V::kRows;
  static constexpr int kStripes = kWidth * kOfCell <= V::kRegisters / 4 ? kOfCell : 1;

  using Bytes = typename V::Bytes;
  using Ints = typename V::Ints;
  using Floats = typename V::Floats;
  static constexpr std::size_t kCellBytes = cell_bytes(T::kType);
  static constexpr std::size_t kActivationBytes = QuantizedActivations<V, T>::kBytes * kWidth;
  static constexpr int kScales = T::kBlocks * T::kParts;

  static void multiply_stripes(const PackedRows& rows, const std::uint8_t* activations,
                               float* const* columns, int lane) {
    const FetchAhead<V> ahead(rows, kCellBytes);
    const std::uint8_t* weights = rows.cells;
    Floats sums[kStripes][kWidth];
#pragma GCC unroll 4
    for (int s = 0; s < kStripes; ++s) {
#pragma GCC unroll 16
      for (int m = 0; m < kWidth; ++m) sums[s][m] = V::floats(0);
    }
    for (std::size_t cell = 0; cell < rows.count; ++cell, weights += kCellBytes) {
      Floats scale[kStripes][kScales];
      Floats offset[kStripes][T::kHasOffset ? kScales : 1];
#pragma GCC unroll 4
      for (int s = 0; s < kStripes; ++s)
        T::scales(weights, lane + s * V::kRows, scale[s], offset[s]);
      for (int block = 0; block < T::kBlocks; ++block, activations += kActivationBytes) {
        prefetch(ahead.of(weights) + static_cast<std::size_t>(block) * (kCellBytes / T::kBlocks));
        const int first = block * T::kParts;
#pragma GCC unroll 4
        for (int s = 0; s < kStripes; ++s) {
          Bytes values[8];
          T::unpack(weights, block, lane + s * V::kRows, values);
          add_block(values, scale[s] + first, offset[s] + (T::kHasOffset ? first : 0), activations,
                    sums[s]);
        }
      }
    }
#pragma GCC unroll 4
    for (int s = 0; s < kStripes; ++s) {
#pragma GCC unroll 16
      for (int m = 0; m < kWidth; ++m) V::store(columns[m] + lane + s * V::kRows, sums[s][m]);
    }
  }

  static void prefetch(const std::uint8_t* weights) {
    for (std::size_t i = 0; i < kCellBytes / T::kBlocks; i += 64) {
      __builtin_prefetch(weights + i, 0, 3);
    }
  }

  static void add_block(const Bytes* values, const Floats* scale, const Floats* offset,
                        const std::uint8_t* activations, Floats* sums) {
    Bytes paired[kHasPairs ? 8 : 1];
    if constexpr (kHasPairs) V::pair_rows(values, paired);
#pragma GCC unroll 16
    for (int m = 0; m < kWidth; m += kInterleaved) {
      Ints products[kInterleaved][T::kParts];
      if constexpr (kHasPairs) pair_products(paired, activations, m, products);
      dot_products(values, activations, m, products);
#pragma GCC unroll 4
      for (int i = 0; i < kInterleaved; ++i) {
        if (m + i < kWidth)
          sums[m + i] = scaled(products[i], scale, offset, activations, m + i, sums[m + i]);
      }
    }
  }

  static constexpr int kPartVectors = 8 / T::kParts;
  static constexpr int kFits = V::group(T::kWide ? 255 : T::kLargest);
  static constexpr int kGroup = kFits < kPartVectors ? kFits : kPartVectors;
  static constexpr bool kHasPairs = ColumnPairs<V>::has(0, kWidth);

  static void dot_products(const Bytes* values, const std::uint8_t* activations, int first,
                           Ints (*products)[T::kParts]) {
    const std::uint8_t* words = activations + kBlock * kWidth + 4 * kWidth;
#pragma GCC unroll 8
    for (int j = 0; j < 8; j += kGroup) {
      const int part = j / kPartVectors;
      const bool starts = j % kPartVectors == 0;
#pragma GCC unroll 4
      for (int i = 0; i < kInterleaved; ++i) {
        const int m = first + i;
        if (m >= kWidth || ColumnPairs<V>::has(static_cast<std::size_t>(m), kWidth)) continue;
        Ints& product = products[i][part];
        if (starts) product = V::ints(start(words, part * kWidth + m));
        const std::uint8_t* at = activations + kBlock * static_cast<std::size_t>(m) + 4 * j;
        product = V::template dot<kGroup, T::kWide>(product, values + j, at);
      }
    }
  }

  static void pair_products(const Bytes* paired, const std::uint8_t* activations, int first,
                            Ints (*products)[T::kParts]) {
    const std::uint8_t* words = activations + kBlock * kWidth + 4 * kWidth;
#pragma GCC unroll 2
    for (int part = 0; part < T::kParts; ++part) {
      typename V::Pair sums[kInterleaved / 2];
#pragma GCC unroll 4
      for (int j = part * kPartVectors; j < (part + 1) * kPartVectors; j += 2) {
#pragma GCC unroll 2
        for (int i = 0; i < kInterleaved; i += 2) {
          const int m = first + i;
          if (m + 1 >= kWidth) continue;
          typename V::Pair& sum = sums[i / 2];
          const int word = part * kWidth + m;
          if (j == part * kPartVectors) sum = V::pair(start(words, word), start(words, word + 1));
          const std::uint8_t* at = activations + kBlock * static_cast<std::size_t>(m) + 8 * j;
          sum = V::dot_pair(sum, paired + j, at);
        }
      }
#pragma GCC unroll 2
      for (int i = 0; i < kInterleaved; i += 2) {
        if (first + i + 1 >= kWidth) continue;
        products[i][part] = V::first_of(sums[i / 2]);
        products[i + 1][part] = V::second_of(sums[i / 2]);
      }
    }
  }

  static std::int32_t start(const std::uint8_t* words, int index) {
    if constexpr (T::kHasOffset) return 0;
    else return word_at<std::int32_t>(words, index);
  }

  static Floats scaled(const Ints* products, const Floats* scale, const Floats* offset,
                       const std::uint8_t* activations, int m, Floats sum) {
    const std::uint8_t* words = activations + kBlock * kWidth;
    const Floats of_column = V::floats(word_at<float>(words, m));
    if constexpr (T::kParts == 1) {
      sum = V::fused(scale[0], V::multiply(V::to_floats(products[0]), of_column), sum);
    } else {
      const Floats first = V::multiply(scale[0], V::to_floats(products[0]));
      sum = V::fused(V::fused(scale[1], V::to_floats(products[1]), first), of_column, sum);
    }
    if constexpr (T::kHasOffset) {
      for (int part = 0; part < T::kParts; ++part) {
        sum =
            V::fused(offset[part], V::floats(word_at<float>(words, (part + 1) * kWidth + m)), sum);
      }
    }
    return sum;
  }
};

}  // namespace shimmy::kernels
