// The vectors of the AVX512-VNNI kernels: 16 rows in one register. See lanes_scalar.h for the
// members.
#pragma once

#include <immintrin.h>

#include <cstdint>
#include <cstring>

namespace shimmy::kernels {

struct Avx512Lanes {
  static constexpr int kRows = 16;
  static constexpr int kRegisters = 32;
  static constexpr bool kSignedWide = false;
  static constexpr bool kPairsColumns = false;

  struct Bytes {
    __m512i at;
  };
  struct Ints {
    __m512i at;
  };
  struct Floats {
    __m512 at;
  };

  static Bytes load_bytes(const std::uint8_t* from) { return {_mm512_loadu_si512(from)}; }

  template <int kShift, int kMask>
  static Bytes field(Bytes x) {
    return {_mm512_and_si512(shifted<kShift>(x.at), _mm512_set1_epi8(static_cast<char>(kMask)))};
  }
  template <int kShift, int kOtherShift, int kMask>
  static Bytes blend(Bytes x, Bytes other) {
    // 0xe4: where the third operand has a bit, that of the first one, else that of the second.
    return {_mm512_ternarylogic_epi32(shifted<kShift>(x.at), shifted<kOtherShift>(other.at),
                                      _mm512_set1_epi8(static_cast<char>(kMask)), 0xe4)};
  }
  static Bytes either(Bytes a, Bytes b) { return {_mm512_or_si512(a.at, b.at)}; }
  static Bytes look_up(const std::uint8_t* table, Bytes index) {
    const __m128i values = _mm_load_si128(reinterpret_cast<const __m128i*>(table));
    return {_mm512_shuffle_epi8(_mm512_broadcast_i32x4(values), index.at)};
  }

  static constexpr int group(int /*largest*/) { return 1; }
  template <int kCount, bool kWide>
  static Ints dot(Ints sum, const Bytes* weights, const std::uint8_t* activations) {
    static_assert(kCount == 1);
    std::int32_t four;
    std::memcpy(&four, activations, sizeof(four));
    return {_mm512_dpbusd_epi32(sum.at, weights->at, _mm512_set1_epi32(four))};
  }

  static Ints ints(std::int32_t value) { return {_mm512_set1_epi32(value)}; }
  static Ints load_unsigned(const std::uint8_t* from) {
    return {_mm512_cvtepu8_epi32(_mm_loadu_si128(reinterpret_cast<const __m128i*>(from)))};
  }
  static Ints load_signed(const std::uint8_t* from) {
    return {_mm512_cvtepi8_epi32(_mm_loadu_si128(reinterpret_cast<const __m128i*>(from)))};
  }
  template <int kShift, int kMask>
  static Ints bits(Ints x) {
    if constexpr (kShift > 0) x.at = _mm512_srli_epi32(x.at, kShift);
    if constexpr (kShift < 0) x.at = _mm512_slli_epi32(x.at, -kShift);
    return {_mm512_and_si512(x.at, _mm512_set1_epi32(kMask))};
  }
  static Ints add(Ints a, Ints b) { return {_mm512_add_epi32(a.at, b.at)}; }

  static Floats floats(float value) { return {_mm512_set1_ps(value)}; }
  static Floats to_floats(Ints x) { return {_mm512_cvtepi32_ps(x.at)}; }
  static Floats as_floats(Ints x) { return {_mm512_castsi512_ps(x.at)}; }
  static Floats load_halves(const std::uint8_t* from) {
    return {_mm512_cvtph_ps(_mm256_loadu_si256(reinterpret_cast<const __m256i*>(from)))};
  }
  static Floats load_bfloats(const std::uint8_t* from) {
    const __m512i wide =
        _mm512_cvtepu16_epi32(_mm256_loadu_si256(reinterpret_cast<const __m256i*>(from)));
    return {_mm512_castsi512_ps(_mm512_slli_epi32(wide, 16))};
  }
  static Floats half(const std::uint8_t* from) {
    short word;
    std::memcpy(&word, from, sizeof(word));
    return {_mm512_cvtph_ps(_mm256_set1_epi16(word))};
  }
  static Floats multiply(Floats a, Floats b) { return {_mm512_mul_ps(a.at, b.at)}; }
  static Floats fused(Floats a, Floats b, Floats c) { return {_mm512_fmadd_ps(a.at, b.at, c.at)}; }
  static void store(float* to, Floats x) { _mm512_storeu_ps(to, x.at); }

  static Floats load(const float* from) { return {_mm512_loadu_ps(from)}; }
  static Floats larger(Floats a, Floats b) { return {_mm512_max_ps(a.at, b.at)}; }
  static Floats subtract(Floats a, Floats b) { return {_mm512_sub_ps(a.at, b.at)}; }
  static Floats divide(Floats a, Floats b) { return {_mm512_div_ps(a.at, b.at)}; }
  static Ints to_ints(Floats x) { return {_mm512_cvtps_epi32(x.at)}; }
  static float largest_lane(Floats x) { return _mm512_reduce_max_ps(x.at); }
  static float sum_lanes(Floats x) { return _mm512_reduce_add_ps(x.at); }

  // `x` in the lanes whose bits are set, `other` in the rest.
  static Floats where(std::uint32_t bits, Floats x, Floats other) {
    return {_mm512_mask_mov_ps(other.at, static_cast<__mmask16>(bits), x.at)};
  }
  // The sum of the lanes of each of 16 vectors.
  static Floats sum_each(const Floats* x) {
    __m512 a[16];
    for (int i = 0; i < 16; ++i) a[i] = x[i].at;
    for (int i = 0; i < 8; ++i) {
      a[i] = _mm512_add_ps(_mm512_shuffle_f32x4(a[i], a[i + 8], 0x44),
                           _mm512_shuffle_f32x4(a[i], a[i + 8], 0xee));
    }
    for (int i = 0; i < 4; ++i) {
      a[i] = _mm512_add_ps(_mm512_shuffle_f32x4(a[i], a[i + 4], 0x88),
                           _mm512_shuffle_f32x4(a[i], a[i + 4], 0xdd));
    }
    // By four lanes now: of vectors i, i + 8, i + 4 and i + 12.
    for (int i = 0; i < 2; ++i) {
      a[i] = _mm512_add_ps(_mm512_unpacklo_ps(a[i], a[i + 2]), _mm512_unpackhi_ps(a[i], a[i + 2]));
    }
    a[0] = _mm512_add_ps(_mm512_unpacklo_ps(a[0], a[1]), _mm512_unpackhi_ps(a[0], a[1]));
    return {_mm512_shuffle_f32x4(a[0], a[0], 0xd8)};
  }
  // Lane j of x[i] goes to lane i of x[j].
  static void transpose(Floats* x) {
    __m512 a[16];
    __m512 b[16];
    for (int i = 0; i < 16; i += 2) {
      a[i] = _mm512_unpacklo_ps(x[i].at, x[i + 1].at);
      a[i + 1] = _mm512_unpackhi_ps(x[i].at, x[i + 1].at);
    }
    // Each lane of four words has four rows now: words 0 to 3 of it in b[i] to b[i + 3].
    for (int i = 0; i < 16; i += 4) {
      b[i] = _mm512_shuffle_ps(a[i], a[i + 2], 0x44);
      b[i + 1] = _mm512_shuffle_ps(a[i], a[i + 2], 0xee);
      b[i + 2] = _mm512_shuffle_ps(a[i + 1], a[i + 3], 0x44);
      b[i + 3] = _mm512_shuffle_ps(a[i + 1], a[i + 3], 0xee);
    }
    for (int i = 0; i < 4; ++i) {
      const __m512 even = _mm512_shuffle_f32x4(b[i], b[i + 4], 0x88);
      const __m512 odd = _mm512_shuffle_f32x4(b[i], b[i + 4], 0xdd);
      const __m512 later_even = _mm512_shuffle_f32x4(b[i + 8], b[i + 12], 0x88);
      const __m512 later_odd = _mm512_shuffle_f32x4(b[i + 8], b[i + 12], 0xdd);
      x[i].at = _mm512_shuffle_f32x4(even, later_even, 0x88);
      x[i + 4].at = _mm512_shuffle_f32x4(odd, later_odd, 0x88);
      x[i + 8].at = _mm512_shuffle_f32x4(even, later_even, 0xdd);
      x[i + 12].at = _mm512_shuffle_f32x4(odd, later_odd, 0xdd);
    }
  }
  // Bit `index` of each of 16 words.
  static std::uint32_t bits_at(const std::uint64_t* words, int index) {
    const __m512i bit = _mm512_set1_epi64(std::int64_t{1} << index);
    const std::uint32_t low = _mm512_test_epi64_mask(_mm512_loadu_si512(words), bit);
    const std::uint32_t high = _mm512_test_epi64_mask(_mm512_loadu_si512(words + 8), bit);
    return low | high << 8;
  }
  // A bit for each of 64 words that is not `value`.
  static std::uint64_t differs(const std::uint16_t* words, std::uint16_t value) {
    const __m512i all = _mm512_set1_epi16(static_cast<short>(value));
    const std::uint64_t low = _mm512_cmpneq_epi16_mask(_mm512_loadu_si512(words), all);
    const std::uint64_t high = _mm512_cmpneq_epi16_mask(_mm512_loadu_si512(words + 32), all);
    return low | high << 32;
  }

  static std::uint32_t largest(const float* x) {
    const __m512i magnitude = _mm512_set1_epi32(0x7fffffff);
    const __m512i low = _mm512_and_si512(_mm512_loadu_si512(x), magnitude);
    const __m512i high = _mm512_and_si512(_mm512_loadu_si512(x + 16), magnitude);
    return static_cast<std::uint32_t>(_mm512_reduce_max_epi32(_mm512_max_epi32(low, high)));
  }
  static void round(const float* x, float factor, std::uint8_t* to, std::int32_t* sums) {
    for (int half = 0; half < 2; ++half) {
      const __m512 scaled = _mm512_mul_ps(_mm512_loadu_ps(x + 16 * half), _mm512_set1_ps(factor));
      const __m512i whole = _mm512_cvtps_epi32(scaled);
      _mm_storeu_si128(reinterpret_cast<__m128i*>(to + 16 * half), _mm512_cvtepi32_epi8(whole));
      sums[half] += _mm512_reduce_add_epi32(whole);
    }
  }

 private:
  // Words of 16 bits: what crosses from byte to byte is masked.
  template <int kShift>
  static __m512i shifted(__m512i x) {
    if constexpr (kShift > 0) x = _mm512_srli_epi16(x, kShift);
    if constexpr (kShift < 0) x = _mm512_slli_epi16(x, -kShift);
    return x;
  }
};

}  // namespace shimmy::kernels
