// AVX512-BF16 beside what tile_avx512_vnni.cpp needs.
#include <immintrin.h>

#include <cstring>

#include "kernels/bf16_products.h"
#include "kernels/cell_layout.h"
#include "kernels/tile.h"

namespace shimmy::kernels {

void write_bf16_column(const float* column, std::size_t first, std::size_t last, std::uint8_t* tile,
                       std::size_t width, std::size_t slot) {
  for (std::size_t block = first; block < last; ++block) {
    std::uint8_t* const to = tile + (block * width + slot) * kBf16ColumnBytes;
    if (column == nullptr) {
      std::memset(to, 0, kBf16ColumnBytes);
      continue;
    }
    const float* const from = column + block * kBlock;
    const __m512bh values = _mm512_cvtne2ps_pbh(_mm512_loadu_ps(from + 16), _mm512_loadu_ps(from));
    std::memcpy(to, &values, kBf16ColumnBytes);
  }
}

namespace {
struct BfloatPairs {};
}  // namespace

template <int kWidth>
void multiply_bf16_pairs(const PackedRows& rows, const std::uint8_t* activations,
                         float* const* columns) {
  // Two values of 16 rows become 16 pairs.
  const __m512i order = _mm512_set_epi16(31, 15, 30, 14, 29, 13, 28, 12, 27, 11, 26, 10, 25, 9, 24,
                                         8, 23, 7, 22, 6, 21, 5, 20, 4, 19, 3, 18, 2, 17, 1, 16, 0);
  __m512 sums[kWidth];
#pragma GCC unroll 16
  for (int m = 0; m < kWidth; ++m) sums[m] = _mm512_setzero_ps();
  const FetchAhead<BfloatPairs> ahead(rows, cell_bytes(WeightType::Bf16));
  const std::uint8_t* weights = rows.cells;
  for (std::size_t cell = 0; cell < rows.count; ++cell, activations += kBf16ColumnBytes * kWidth) {
#pragma GCC unroll 2
    for (std::size_t k = 0; k < kBlock; k += 2, weights += kVector) {
      __builtin_prefetch(ahead.of(weights), 0, 3);
      const __m512i pairs = _mm512_permutexvar_epi16(order, _mm512_loadu_si512(weights));
#pragma GCC unroll 16
      for (int m = 0; m < kWidth; ++m) {
        const __m512i x = _mm512_set1_epi32(
            word_at<std::int32_t>(activations + 2 * k, m * static_cast<int>(kBlock / 2)));
        sums[m] = _mm512_dpbf16_ps(sums[m], reinterpret_cast<__m512bh>(pairs),
                                   reinterpret_cast<__m512bh>(x));
      }
    }
  }
#pragma GCC unroll 16
  for (int m = 0; m < kWidth; ++m) _mm512_storeu_ps(columns[m], sums[m]);
}

template decltype(multiply_bf16_pairs<1>) multiply_bf16_pairs<1>;
template decltype(multiply_bf16_pairs<2>) multiply_bf16_pairs<2>;
template decltype(multiply_bf16_pairs<3>) multiply_bf16_pairs<3>;
template decltype(multiply_bf16_pairs<4>) multiply_bf16_pairs<4>;
template decltype(multiply_bf16_pairs<6>) multiply_bf16_pairs<6>;
template decltype(multiply_bf16_pairs<8>) multiply_bf16_pairs<8>;
template decltype(multiply_bf16_pairs<12>) multiply_bf16_pairs<12>;
template decltype(multiply_bf16_pairs<16>) multiply_bf16_pairs<16>;

}  // namespace shimmy::kernels
