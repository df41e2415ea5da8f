// Pairs of 16-bit floats with the exponents of 32-bit ones: AVX512-BF16 multiplies two for one.
#pragma once

#include <immintrin.h>

#include <cstddef>

#include "kernels/lanes_avx512.h"

namespace shimmy::kernels {

struct Bf16Lanes : Avx512Lanes {};

struct Bf16Words {
  using Floats = Avx512Lanes::Floats;
  static constexpr std::size_t kValues = 2;

  static Floats multiply_add(Floats a, Floats b, Floats c) {
    return {_mm512_dpbf16_ps(c.at, pairs(a), pairs(b))};
  }
  static Floats pack(const float* from, float factor, std::size_t count) {
    const __m512 factors = _mm512_set1_ps(factor);
    const __m512 low = _mm512_mul_ps(_mm512_loadu_ps(from), factors);
    const __m512 high =
        count > 16 ? _mm512_mul_ps(_mm512_loadu_ps(from + 16), factors) : _mm512_setzero_ps();
    return {reinterpret_cast<__m512>(_mm512_cvtne2ps_pbh(high, low))};
  }
  static void pack(Floats values, float* words) { store(words, values.at); }
  static void pack_across(const Floats* rows, float* words) {
    const __m512i first = wide(rows[0]);
    const __m512i second = _mm512_slli_epi32(wide(rows[1]), 16);
    _mm512_storeu_si512(words, _mm512_or_si512(first, second));
  }

 private:
  static __m512bh pairs(Floats words) { return reinterpret_cast<__m512bh>(words.at); }
  static __m256i narrow(__m512 values) {
    return reinterpret_cast<__m256i>(_mm512_cvtneps_pbh(values));
  }
  static void store(float* words, __m512 values) {
    _mm256_storeu_si256(reinterpret_cast<__m256i*>(words), narrow(values));
  }
  static __m512i wide(Floats values) { return _mm512_cvtepu16_epi32(narrow(values.at)); }
};

}  // namespace shimmy::kernels
