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

// tanh(x), within 4e-7 of its size. What is no number stays so.
template <class V>
typename V::Floats hyperbolic_tangent(typename V::Floats x) {
  // Beyond, the result is one.
  constexpr float kEnd = 9.1F;
  const auto negated = V::subtract(V::floats(0), V::larger(V::floats(-kEnd), x));
  const auto bounded = V::subtract(V::floats(0), V::larger(V::floats(-kEnd), negated));
  const auto square = V::multiply(bounded, bounded);
  // Fitted so that the largest relative error of upper / lower on [0, kEnd] is least.
  auto upper = V::floats(1.3176019e-8F);
  upper = V::fused(upper, square, V::floats(2.0480101e-5F));
  upper = V::fused(upper, square, V::floats(3.4877461e-3F));
  upper = V::fused(upper, square, V::floats(1.3374421e-1F));
  upper = V::fused(upper, square, V::floats(1));
  auto lower = V::floats(7.7034289e-7F);
  lower = V::fused(lower, square, V::floats(3.2728130e-4F));
  lower = V::fused(lower, square, V::floats(2.5847144e-2F));
  lower = V::fused(lower, square, V::floats(4.6707736e-1F));
  lower = V::fused(lower, square, V::floats(1));
  return V::divide(V::multiply(bounded, upper), lower);
}

// Keeps scores within `cap`, as some models want; `count` is rounded up to whole vectors.
template <class V>
void cap_scores(float cap, float* scores, std::size_t count) {
  for (std::size_t i = 0; i < count; i += V::kRows) {
    const auto capped = V::multiply(V::floats(cap), hyperbolic_tangent<V>(V::load(scores + i)));
    V::store(scores + i, capped);
  }
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
