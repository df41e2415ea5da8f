// The steps of attention: a small matrix product and powers of two. Templates over V as in tile.h.
#pragma once

#include <cstddef>
#include <cstdint>

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

// A (rows x depth) times b (depth x columns); distances and depth in words.
struct TileProduct {
  const float* a;
  std::size_t a_row;    // from a row to the next
  std::size_t a_depth;  // from a column to the next
  const float* b;
  float* c;
  std::size_t columns;  // of b and c
  std::size_t depth;
};

// Rows and vectors of columns that fill the registers; enough chains to wait for no product.
template <class V>
inline constexpr std::size_t kTileRows = V::kRegisters == 32 ? 8 : 4;
inline constexpr int kTileVectors = 3;

// Rows [row, row + kTileRows) of c, all its columns; added to what c has, or in its place.
template <class V, class Words, int kVectors, bool kAdds>
void multiply_rows(const TileProduct& of, std::size_t row) {
  typename V::Floats sums[kTileRows<V>][kVectors];
#pragma GCC unroll 8
  for (std::size_t r = 0; r < kTileRows<V>; ++r) {
#pragma GCC unroll 3
    for (int j = 0; j < kVectors; ++j)
      sums[r][j] = kAdds ? V::load(of.c + (row + r) * of.columns + j * V::kRows) : V::floats(0);
  }
  const float* a = of.a + row * of.a_row;
  const float* from = of.b;
  for (std::size_t k = 0; k < of.depth; ++k, a += of.a_depth, from += of.columns) {
    typename V::Floats b[kVectors];
#pragma GCC unroll 3
    for (int j = 0; j < kVectors; ++j) b[j] = V::load(from + j * V::kRows);
#pragma GCC unroll 8
    for (std::size_t r = 0; r < kTileRows<V>; ++r) {
      const auto factor = V::floats(a[r * of.a_row]);
#pragma GCC unroll 3
      for (int j = 0; j < kVectors; ++j) sums[r][j] = Words::multiply_add(factor, b[j], sums[r][j]);
    }
  }
#pragma GCC unroll 8
  for (std::size_t r = 0; r < kTileRows<V>; ++r) {
#pragma GCC unroll 3
    for (int j = 0; j < kVectors; ++j)
      V::store(of.c + (row + r) * of.columns + j * V::kRows, sums[r][j]);
  }
}

// `rows` is a multiple of kTileRows, the columns are at most kTileVectors vectors.
template <class V, class Words, bool kAdds>
void multiply_tile(const TileProduct& of, std::size_t rows) {
  for (std::size_t row = 0; row < rows; row += kTileRows<V>) {
    if (of.columns == V::kRows) multiply_rows<V, Words, 1, kAdds>(of, row);
    else if (of.columns == 2 * V::kRows) multiply_rows<V, Words, 2, kAdds>(of, row);
    else multiply_rows<V, Words, kTileVectors, kAdds>(of, row);
  }
}

// Rows become columns: lane j of x[i] goes to lane i of x[j].
template <class V>
void transpose(typename V::Floats* x) {
  if constexpr (requires { V::transpose(x); }) {
    V::transpose(x);
  } else {
    float lanes[V::kRows][V::kRows];
    float turned[V::kRows];
    for (int i = 0; i < V::kRows; ++i) V::store(lanes[i], x[i]);
    for (int j = 0; j < V::kRows; ++j) {
      for (int i = 0; i < V::kRows; ++i) turned[i] = lanes[i][j];
      x[j] = V::load(turned);
    }
  }
}

// Bit `index` of each of as many words as a vector has lanes.
template <class V>
std::uint32_t bits_at(const std::uint64_t* words, int index) {
  if constexpr (requires { V::bits_at(words, index); }) {
    return V::bits_at(words, index);
  } else {
    std::uint32_t bits = 0;
    for (int i = 0; i < V::kRows; ++i)
      bits |= static_cast<std::uint32_t>(words[i] >> index & 1) << i;
    return bits;
  }
}

}  // namespace shimmy::kernels
