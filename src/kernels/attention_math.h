// The steps of attention: a small matrix product and powers of two. Templates over V as in tile.h.
#pragma once

#include <cstddef>

#include "kernels/attention_kernels.h"

namespace shimmy::kernels {

// 2^x for x <= 0, within two units in the last place; 0 below -126.5. What is no number stays so.
template <class V>
typename V::Floats power_of_two(typename V::Floats x) {
  const auto bounded = V::larger(V::floats(-127), x);
  const auto whole = V::to_ints(bounded);
  const auto rest = V::subtract(bounded, V::to_floats(whole));
  auto sum = V::floats(1.5403530e-4F);
  sum = V::fused(sum, rest, V::floats(1.3333558e-3F));
  sum = V::fused(sum, rest, V::floats(9.6181291e-3F));
  sum = V::fused(sum, rest, V::floats(5.5504109e-2F));
  sum = V::fused(sum, rest, V::floats(2.4022651e-1F));
  sum = V::fused(sum, rest, V::floats(6.9314718e-1F));
  sum = V::fused(sum, rest, V::floats(1));
  const auto exponent = V::template bits<-23, 0x7fffffff>(V::add(whole, V::ints(127)));
  return V::multiply(sum, V::as_floats(exponent));
}

// Vectors of a register tile: 6 rows of 4 or 2 fill the registers.
template <class V>
inline constexpr int kTileVectors = V::kRegisters == 32 ? 4 : 2;

// Adds a (6 x depth) times b (depth x columns) to c; distances and depth in words.
struct TileProduct {
  const float* a;
  std::size_t a_stride;
  const float* b;
  std::size_t b_stride;
  float* c;
  std::size_t c_stride;
  std::size_t depth;
};

template <class V, class Words, int kVectors>
void add_product(const TileProduct& of, std::size_t column) {
  typename V::Floats sums[kRowsOfTile][kVectors];
#pragma GCC unroll 8
  for (std::size_t r = 0; r < kRowsOfTile; ++r) {
#pragma GCC unroll 4
    for (int j = 0; j < kVectors; ++j)
      sums[r][j] = V::load(of.c + r * of.c_stride + column + j * V::kRows);
  }
  for (std::size_t k = 0; k < of.depth; ++k) {
    typename V::Floats b[kVectors];
#pragma GCC unroll 4
    for (int j = 0; j < kVectors; ++j)
      b[j] = V::load(of.b + k * of.b_stride + column + j * V::kRows);
#pragma GCC unroll 8
    for (std::size_t r = 0; r < kRowsOfTile; ++r) {
      const auto a = V::floats(of.a[r * of.a_stride + k]);
#pragma GCC unroll 4
      for (int j = 0; j < kVectors; ++j) sums[r][j] = Words::multiply_add(a, b[j], sums[r][j]);
    }
  }
#pragma GCC unroll 8
  for (std::size_t r = 0; r < kRowsOfTile; ++r) {
#pragma GCC unroll 4
    for (int j = 0; j < kVectors; ++j)
      V::store(of.c + r * of.c_stride + column + j * V::kRows, sums[r][j]);
  }
}

// `columns` is a multiple of 16.
template <class V, class Words>
void add_product(const TileProduct& of, std::size_t columns) {
  constexpr std::size_t kStep = static_cast<std::size_t>(kTileVectors<V>) * V::kRows;
  std::size_t column = 0;
  for (; column + kStep <= columns; column += kStep)
    add_product<V, Words, kTileVectors<V>>(of, column);
  for (; column < columns; column += V::kRows) add_product<V, Words, 1>(of, column);
}

}  // namespace shimmy::kernels
