// The vectors of the AVX2 kernels: 8 rows in one register, with or without the AVX-VNNI dot
// product. See lanes_scalar.h for the members.
#pragma once

#include <immintrin.h>

#include <cstdint>
#include <cstring>

namespace shimmy::kernels {

template <bool kVnni>
struct Avx2Lanes {
  static constexpr int kRows = 8;
  static constexpr int kRegisters = 16;
  // Without VNNI a product of two unsigned-by-signed bytes saturates at 16 bits: weights beyond 127
  // are taken as signed ones.
  static constexpr bool kSignedWide = !kVnni;
  static constexpr bool kPairsColumns = false;

  struct Bytes {
    __m256i at;
  };
  struct Ints {
    __m256i at;
  };
  struct Floats {
    __m256 at;
  };

  static Bytes load_bytes(const std::uint8_t* from) {
    return {_mm256_loadu_si256(reinterpret_cast<const __m256i*>(from))};
  }

  template <int kShift, int kMask>
  static Bytes field(Bytes x) {
    if constexpr (kShift > 0) x.at = _mm256_srli_epi16(x.at, kShift);
    if constexpr (kShift < 0) x.at = _mm256_slli_epi16(x.at, -kShift);
    return {_mm256_and_si256(x.at, _mm256_set1_epi8(static_cast<char>(kMask)))};
  }
  static Bytes either(Bytes a, Bytes b) { return {_mm256_or_si256(a.at, b.at)}; }
  static Bytes look_up(const std::uint8_t* table, Bytes index) {
    const __m128i values = _mm_load_si128(reinterpret_cast<const __m128i*>(table));
    return {_mm256_shuffle_epi8(_mm256_broadcastsi128_si256(values), index.at)};
  }

  // How many vectors' products, with weights up to `largest`, can be summed in 16 bits.
  static constexpr int group(int largest) {
    if (kVnni) return 1;
    int count = 8;
    while (count > 1 && count * 2 * 127 * largest > 32767) count /= 2;
    return count;
  }

  template <int kCount, bool kWide>
  static Ints dot(Ints sum, const Bytes* weights, const std::uint8_t* activations) {
    if constexpr (kVnni) {
      static_assert(kCount == 1);
      return {_mm256_dpbusd_avx_epi32(sum.at, weights->at, four(activations))};
    } else if constexpr (kWide) {
      static_assert(kCount == 1);
      const __m256i signed_weights = _mm256_xor_si256(weights->at, _mm256_set1_epi8(-128));
      return add_pairs(sum,
                       _mm256_maddubs_epi16(_mm256_abs_epi8(signed_weights),
                                            _mm256_sign_epi8(four(activations), signed_weights)));
    } else {
      __m256i pairs = _mm256_maddubs_epi16(weights->at, four(activations));
      for (int j = 1; j < kCount; ++j) {
        pairs =
            _mm256_add_epi16(pairs, _mm256_maddubs_epi16(weights[j].at, four(activations + 4 * j)));
      }
      return add_pairs(sum, pairs);
    }
  }

  static Ints ints(std::int32_t value) { return {_mm256_set1_epi32(value)}; }
  static Ints load_unsigned(const std::uint8_t* from) {
    return {_mm256_cvtepu8_epi32(eight(from))};
  }
  static Ints load_signed(const std::uint8_t* from) { return {_mm256_cvtepi8_epi32(eight(from))}; }
  template <int kShift, int kMask>
  static Ints bits(Ints x) {
    if constexpr (kShift > 0) x.at = _mm256_srli_epi32(x.at, kShift);
    if constexpr (kShift < 0) x.at = _mm256_slli_epi32(x.at, -kShift);
    return {_mm256_and_si256(x.at, _mm256_set1_epi32(kMask))};
  }
  static Ints add(Ints a, Ints b) { return {_mm256_add_epi32(a.at, b.at)}; }

  static Floats floats(float value) { return {_mm256_set1_ps(value)}; }
  static Floats to_floats(Ints x) { return {_mm256_cvtepi32_ps(x.at)}; }
  static Floats as_floats(Ints x) { return {_mm256_castsi256_ps(x.at)}; }
  static Floats load_halves(const std::uint8_t* from) {
    return {_mm256_cvtph_ps(_mm_loadu_si128(reinterpret_cast<const __m128i*>(from)))};
  }
  static Floats load_bfloats(const std::uint8_t* from) {
    const __m256i wide =
        _mm256_cvtepu16_epi32(_mm_loadu_si128(reinterpret_cast<const __m128i*>(from)));
    return {_mm256_castsi256_ps(_mm256_slli_epi32(wide, 16))};
  }
  static Floats half(const std::uint8_t* from) {
    return {_mm256_cvtph_ps(_mm_set1_epi16(word(from)))};
  }
  static Floats multiply(Floats a, Floats b) { return {_mm256_mul_ps(a.at, b.at)}; }
  static Floats fused(Floats a, Floats b, Floats c) { return {_mm256_fmadd_ps(a.at, b.at, c.at)}; }
  static void store(float* to, Floats x) { _mm256_storeu_ps(to, x.at); }

  static Floats load(const float* from) { return {_mm256_loadu_ps(from)}; }
  static Floats larger(Floats a, Floats b) { return {_mm256_max_ps(a.at, b.at)}; }
  static Floats subtract(Floats a, Floats b) { return {_mm256_sub_ps(a.at, b.at)}; }
  static Floats divide(Floats a, Floats b) { return {_mm256_div_ps(a.at, b.at)}; }
  static Ints to_ints(Floats x) { return {_mm256_cvtps_epi32(x.at)}; }
  static float largest_lane(Floats x) {
    __m128 four = _mm_max_ps(_mm256_castps256_ps128(x.at), _mm256_extractf128_ps(x.at, 1));
    four = _mm_max_ps(four, _mm_movehl_ps(four, four));
    return _mm_cvtss_f32(_mm_max_ss(four, _mm_movehdup_ps(four)));
  }
  static float sum_lanes(Floats x) {
    __m128 four = _mm_add_ps(_mm256_castps256_ps128(x.at), _mm256_extractf128_ps(x.at, 1));
    four = _mm_add_ps(four, _mm_movehl_ps(four, four));
    return _mm_cvtss_f32(_mm_add_ss(four, _mm_movehdup_ps(four)));
  }

  static Floats where(std::uint32_t bits, Floats x, Floats other) {
    const __m256i each = _mm256_setr_epi32(1, 2, 4, 8, 16, 32, 64, 128);
    const __m256i set = _mm256_and_si256(_mm256_set1_epi32(static_cast<std::int32_t>(bits)), each);
    const __m256 is_set = _mm256_castsi256_ps(_mm256_cmpeq_epi32(set, each));
    return {_mm256_blendv_ps(other.at, x.at, is_set)};
  }
  static Floats sum_each(const Floats* x) {
    const __m256 low = sum_four(x);
    const __m256 high = sum_four(x + 4);
    return {_mm256_add_ps(_mm256_permute2f128_ps(low, high, 0x20),
                          _mm256_permute2f128_ps(low, high, 0x31))};
  }
  static std::uint64_t differs(const std::uint16_t* words, std::uint16_t value) {
    const auto equal = [value](const std::uint16_t* of) {
      return _mm256_cmpeq_epi16(_mm256_loadu_si256(reinterpret_cast<const __m256i*>(of)),
                                _mm256_set1_epi16(static_cast<short>(value)));
    };
    const auto bits = [&](const std::uint16_t* of) -> std::uint64_t {
      const __m256i bytes = _mm256_packs_epi16(equal(of), equal(of + 16));
      return static_cast<std::uint32_t>(
          _mm256_movemask_epi8(_mm256_permute4x64_epi64(bytes, 0xd8)));
    };
    return ~(bits(words) | bits(words + 32) << 32);
  }

  static std::uint32_t largest(const float* x) {
    __m256i most = magnitude(x);
    for (int i = 8; i < 32; i += 8) most = _mm256_max_epi32(most, magnitude(x + i));
    __m128i four = _mm_max_epi32(_mm256_castsi256_si128(most), _mm256_extracti128_si256(most, 1));
    four = _mm_max_epi32(four, _mm_shuffle_epi32(four, 0x4e));
    four = _mm_max_epi32(four, _mm_shuffle_epi32(four, 0xb1));
    return static_cast<std::uint32_t>(_mm_cvtsi128_si32(four));
  }
  static void round(const float* x, float factor, std::uint8_t* to, std::int32_t* sums) {
    for (int half = 0; half < 2; ++half) {
      const __m256i low = whole(x + 16 * half, factor);
      const __m256i high = whole(x + 16 * half + 8, factor);
      // Packing works within 128-bit halves; the permutation puts the words back in order.
      const __m256i words = _mm256_permute4x64_epi64(_mm256_packs_epi32(low, high), 0xd8);
      const __m128i bytes =
          _mm_packs_epi16(_mm256_castsi256_si128(words), _mm256_extracti128_si256(words, 1));
      _mm_storeu_si128(reinterpret_cast<__m128i*>(to + 16 * half), bytes);
      sums[half] += sum(_mm256_add_epi32(low, high));
    }
  }

 private:
  // Of four vectors, in each half the sums of its lanes.
  static __m256 sum_four(const Floats* x) {
    return _mm256_hadd_ps(_mm256_hadd_ps(x[0].at, x[1].at), _mm256_hadd_ps(x[2].at, x[3].at));
  }
  static __m256i four(const std::uint8_t* activations) {
    std::int32_t four;
    std::memcpy(&four, activations, sizeof(four));
    return _mm256_set1_epi32(four);
  }
  static short word(const std::uint8_t* from) {
    short word;
    std::memcpy(&word, from, sizeof(word));
    return word;
  }
  static __m128i eight(const std::uint8_t* from) {
    return _mm_loadl_epi64(reinterpret_cast<const __m128i*>(from));
  }
  static Ints add_pairs(Ints sum, __m256i pairs) {
    return {_mm256_add_epi32(sum.at, _mm256_madd_epi16(pairs, _mm256_set1_epi16(1)))};
  }
  static __m256i magnitude(const float* x) {
    return _mm256_and_si256(_mm256_loadu_si256(reinterpret_cast<const __m256i*>(x)),
                            _mm256_set1_epi32(0x7fffffff));
  }
  static __m256i whole(const float* x, float factor) {
    return _mm256_cvtps_epi32(_mm256_mul_ps(_mm256_loadu_ps(x), _mm256_set1_ps(factor)));
  }
  static std::int32_t sum(__m256i x) {
    __m128i four = _mm_add_epi32(_mm256_castsi256_si128(x), _mm256_extracti128_si256(x, 1));
    four = _mm_add_epi32(four, _mm_shuffle_epi32(four, 0x4e));
    four = _mm_add_epi32(four, _mm_shuffle_epi32(four, 0xb1));
    return _mm_cvtsi128_si32(four);
  }
};

}  // namespace shimmy::kernels
