// How a tile holds its columns of activations, and how they are written.
//
// For each block of 32 values of integer types: the signed bytes of each column (of two columns
// side by side where ColumnPairs has them), then a float scale
// for each column, then for each part one word for each column. Without an offset of the weights
// the word is an integer, where the sum of products starts: minus kZero times the sum of the part's
// bytes. With an offset it is a float: the scale times that sum, to be multiplied with the offset.
// For 16-bit floats: the 32 floats of each column.
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <limits>

#include "kernels/column_pairs.h"
#include "kernels/weight_type.h"

namespace shimmy::kernels {

template <class V, class T>
struct QuantizedActivations {
  static constexpr int kParts = T::kParts;
  // Where the dot product takes weights as signed ones, their zero is 0.
  static constexpr int kZero = V::kSignedWide && T::kWide ? 0 : T::kZero;
  static constexpr std::size_t kBytes = kBlock + 4 + 4 * kParts;

  static void write(const float* column, std::size_t first, std::size_t last, std::uint8_t* tile,
                    std::size_t width, std::size_t slot) {
    for (std::size_t block = first; block < last; ++block) {
      write_block(column == nullptr ? nullptr : column + block * kBlock,
                  tile + block * width * kBytes, width, slot);
    }
  }

 private:
  static void write_block(const float* x, std::uint8_t* to, std::size_t width, std::size_t slot) {
    float scale = 0;
    std::int32_t sums[2] = {0, 0};
    ColumnPairs<V>::place(to, width, slot,
                          [&](std::uint8_t* bytes) { scale = round(x, bytes, sums); });
    if constexpr (kParts == 1) sums[0] += sums[1];
    std::uint8_t* words = to + kBlock * width;
    std::memcpy(words + 4 * slot, &scale, 4);
    for (int part = 0; part < kParts; ++part) {
      std::uint8_t* word = words + 4 * (width * static_cast<std::size_t>(part + 1) + slot);
      if constexpr (T::kHasOffset) {
        const float scaled_sum = scale * static_cast<float>(sums[part]);
        std::memcpy(word, &scaled_sum, 4);
      } else {
        const std::int32_t start = -kZero * sums[part];
        std::memcpy(word, &start, 4);
      }
    }
  }

  // Returns the scale.
  static float round(const float* x, std::uint8_t* bytes, std::int32_t* sums) {
    const std::uint32_t bits = x == nullptr ? 0 : V::largest(x);
    const auto largest = std::bit_cast<float>(bits);
    if (bits < kInfinity && largest >= kSmallest) {
      V::round(x, 127.0F / largest, bytes, sums);
      return largest * (1.0F / 127.0F);
    }
    std::memset(bytes, 0, kBlock);
    // One bad value spoils its column, as it would in exact arithmetic, and no other.
    return bits >= kInfinity ? std::numeric_limits<float>::quiet_NaN() : 0;
  }

  static constexpr std::uint32_t kInfinity = 0x7f800000;
  // Below this, 127 / largest is no finite number: such a block is taken as zeros.
  static constexpr float kSmallest = 0x1p-120F;
};

struct FloatActivations {
  static constexpr std::size_t kBytes = kBlock * sizeof(float);
};

// A template so that each instruction set has its own.
template <class V>
struct CopiedActivations : FloatActivations {
  static void write(const float* column, std::size_t first, std::size_t last, std::uint8_t* tile,
                    std::size_t width, std::size_t slot) {
    for (std::size_t block = first; block < last; ++block) {
      std::uint8_t* to = tile + (block * width + slot) * kBytes;
      if (column == nullptr) std::memset(to, 0, kBytes);
      else std::memcpy(to, column + block * kBlock, kBytes);
    }
  }
};

}  // namespace shimmy::kernels
