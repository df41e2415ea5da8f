// The vectors of the NEON kernels: 4 rows in one register; products by SDOT, or by the USDOT and
// USMMLA of I8MM. See lanes_scalar.h for the members and column_pairs.h for those of pairs.
#pragma once

#include <arm_neon.h>

#include <cstdint>
#include <cstring>

namespace shimmy::kernels {

template <bool kI8mm>
struct NeonLanes {
  static constexpr int kRows = 4;
  static constexpr int kRegisters = 32;
  // SDOT takes signed bytes only.
  static constexpr bool kSignedWide = !kI8mm;
  static constexpr bool kPairsColumns = kI8mm;

  struct Bytes {
    uint8x16_t at;
  };
  struct Ints {
    int32x4_t at;
  };
  struct Floats {
    float32x4_t at;
  };

  static Bytes load_bytes(const std::uint8_t* from) { return {vld1q_u8(from)}; }

  template <int kShift, int kMask>
  static Bytes field(Bytes x) {
    x.at = shifted<kShift>(x.at);
    // Zeros come in from the left.
    if constexpr (kShift <= 0 || 0xff >> (kShift & 7) != kMask)
      x.at = vandq_u8(x.at, vdupq_n_u8(kMask));
    return x;
  }
  template <int kShift, int kOtherShift, int kMask>
  static Bytes blend(Bytes x, Bytes other) {
    return {vbslq_u8(vdupq_n_u8(kMask), shifted<kShift>(x.at), shifted<kOtherShift>(other.at))};
  }
  static Bytes either(Bytes a, Bytes b) { return {vorrq_u8(a.at, b.at)}; }
  static Bytes look_up(const std::uint8_t* table, Bytes index) {
    return {vqtbl1q_u8(vld1q_u8(table), index.at)};
  }

  // As many as there are words of activations in one register.
  static constexpr int group(int /*largest*/) { return 4; }
  template <int kCount, bool kWide>
  static Ints dot(Ints sum, const Bytes* weights, const std::uint8_t* activations) {
    static_assert(kCount == 4);
    const int8x16_t x = signed_bytes(activations);
    sum.at = dot_word<kWide, 0>(sum.at, weights[0].at, x);
    sum.at = dot_word<kWide, 1>(sum.at, weights[1].at, x);
    sum.at = dot_word<kWide, 2>(sum.at, weights[2].at, x);
    return {dot_word<kWide, 3>(sum.at, weights[3].at, x)};
  }

  // Rows 0 and 1, then rows 2 and 3; of each row both columns.
  struct Pair {
    int32x4_t at[2];
  };
  static void pair_rows(const Bytes* values, Bytes* paired) {
    for (int j = 0; j < 8; j += 2) {
      const uint32x4_t first = vreinterpretq_u32_u8(values[j].at);
      const uint32x4_t second = vreinterpretq_u32_u8(values[j + 1].at);
      paired[j].at = vreinterpretq_u8_u32(vzip1q_u32(first, second));
      paired[j + 1].at = vreinterpretq_u8_u32(vzip2q_u32(first, second));
    }
  }
  static Pair pair(std::int32_t first, std::int32_t second) {
    const int32x4_t both = vzip1q_s32(vdupq_n_s32(first), vdupq_n_s32(second));
    return {{both, both}};
  }
  static Pair dot_pair(Pair sums, const Bytes* paired, const std::uint8_t* activations) {
    static_assert(kI8mm);
    const int8x16_t x = signed_bytes(activations);
    return {{vusmmlaq_s32(sums.at[0], paired[0].at, x), vusmmlaq_s32(sums.at[1], paired[1].at, x)}};
  }
  static Ints first_of(Pair sums) { return {vuzp1q_s32(sums.at[0], sums.at[1])}; }
  static Ints second_of(Pair sums) { return {vuzp2q_s32(sums.at[0], sums.at[1])}; }

  static Ints ints(std::int32_t value) { return {vdupq_n_s32(value)}; }
  static Ints load_unsigned(const std::uint8_t* from) {
    return {
        vreinterpretq_s32_u32(vmovl_u16(vget_low_u16(vmovl_u8(vreinterpret_u8_u32(four(from))))))};
  }
  static Ints load_signed(const std::uint8_t* from) {
    return {vmovl_s16(vget_low_s16(vmovl_s8(vreinterpret_s8_u32(four(from)))))};
  }
  template <int kShift, int kMask>
  static Ints bits(Ints x) {
    uint32x4_t words = vreinterpretq_u32_s32(x.at);
    if constexpr (kShift > 0) words = vshrq_n_u32(words, kShift);
    if constexpr (kShift < 0) words = vshlq_n_u32(words, -kShift);
    return {vreinterpretq_s32_u32(vandq_u32(words, vdupq_n_u32(kMask)))};
  }
  static Ints add(Ints a, Ints b) { return {vaddq_s32(a.at, b.at)}; }

  static Floats floats(float value) { return {vdupq_n_f32(value)}; }
  static Floats to_floats(Ints x) { return {vcvtq_f32_s32(x.at)}; }
  static Floats as_floats(Ints x) { return {vreinterpretq_f32_s32(x.at)}; }
  static Floats load_halves(const std::uint8_t* from) {
    return {vcvt_f32_f16(vreinterpret_f16_u8(vld1_u8(from)))};
  }
  static Floats load_bfloats(const std::uint8_t* from) {
    return {vreinterpretq_f32_u32(vshll_n_u16(vreinterpret_u16_u8(vld1_u8(from)), 16))};
  }
  static Floats half(const std::uint8_t* from) {
    return {vcvt_f32_f16(
        vreinterpret_f16_u16(vld1_dup_u16(reinterpret_cast<const std::uint16_t*>(from))))};
  }
  static Floats multiply(Floats a, Floats b) { return {vmulq_f32(a.at, b.at)}; }
  static Floats fused(Floats a, Floats b, Floats c) { return {vfmaq_f32(c.at, a.at, b.at)}; }
  static void store(float* to, Floats x) { vst1q_f32(to, x.at); }

  static Floats load(const float* from) { return {vld1q_f32(from)}; }
  static Floats larger(Floats a, Floats b) {
    return {vbslq_f32(vcgtq_f32(a.at, b.at), a.at, b.at)};
  }
  static Floats subtract(Floats a, Floats b) { return {vsubq_f32(a.at, b.at)}; }
  static Floats divide(Floats a, Floats b) { return {vdivq_f32(a.at, b.at)}; }
  static Ints to_ints(Floats x) { return {vcvtnq_s32_f32(x.at)}; }
  static float largest_lane(Floats x) { return vmaxvq_f32(x.at); }
  static float sum_lanes(Floats x) { return vaddvq_f32(x.at); }

  static Floats where(std::uint32_t bits, Floats x, Floats other) {
    const uint32x4_t each = {1, 2, 4, 8};
    return {vbslq_f32(vtstq_u32(vdupq_n_u32(bits), each), x.at, other.at)};
  }
  static Floats sum_each(const Floats* x) {
    return {vpaddq_f32(vpaddq_f32(x[0].at, x[1].at), vpaddq_f32(x[2].at, x[3].at))};
  }
  static std::uint64_t differs(const std::uint16_t* words, std::uint16_t value) {
    const uint8x16_t each = {1, 2, 4, 8, 16, 32, 64, 128, 1, 2, 4, 8, 16, 32, 64, 128};
    const auto bits = [&](const std::uint16_t* of) {
      const uint16x8_t low = vceqq_u16(vld1q_u16(of), vdupq_n_u16(value));
      const uint16x8_t high = vceqq_u16(vld1q_u16(of + 8), vdupq_n_u16(value));
      return vbicq_u8(each, vuzp1q_u8(vreinterpretq_u8_u16(low), vreinterpretq_u8_u16(high)));
    };
    const uint8x16_t low = vpaddq_u8(bits(words), bits(words + 16));
    const uint8x16_t sums = vpaddq_u8(low, vpaddq_u8(bits(words + 32), bits(words + 48)));
    return vgetq_lane_u64(vreinterpretq_u64_u8(vpaddq_u8(sums, sums)), 0);
  }

  static std::uint32_t largest(const float* x) {
    uint32x4_t most = magnitude(x);
    for (int i = 4; i < 32; i += 4) most = vmaxq_u32(most, magnitude(x + i));
    return vmaxvq_u32(most);
  }
  static void round(const float* x, float factor, std::uint8_t* to, std::int32_t* sums) {
    for (int half = 0; half < 2; ++half) {
      const float* const from = x + 16 * half;
      const int16x8_t low = vcombine_s16(whole(from, factor), whole(from + 4, factor));
      const int16x8_t high = vcombine_s16(whole(from + 8, factor), whole(from + 12, factor));
      vst1q_s8(reinterpret_cast<std::int8_t*>(to + 16 * half),
               vcombine_s8(vmovn_s16(low), vmovn_s16(high)));
      sums[half] += vaddvq_s16(vaddq_s16(low, high));
    }
  }

 private:
  template <int kShift>
  static uint8x16_t shifted(uint8x16_t x) {
    if constexpr (kShift > 0) x = vshrq_n_u8(x, kShift);
    if constexpr (kShift < 0) x = vshlq_n_u8(x, -kShift);
    return x;
  }
  static int8x16_t signed_bytes(const std::uint8_t* from) {
    return vld1q_s8(reinterpret_cast<const std::int8_t*>(from));
  }
  template <bool kWide, int kWord>
  static int32x4_t dot_word(int32x4_t sum, uint8x16_t weights, int8x16_t x) {
    if constexpr (kI8mm) {
      return vusdotq_laneq_s32(sum, weights, x, kWord);
    } else {
      if constexpr (kWide) weights = veorq_u8(weights, vdupq_n_u8(0x80));
      return vdotq_laneq_s32(sum, vreinterpretq_s8_u8(weights), x, kWord);
    }
  }
  static uint32x2_t four(const std::uint8_t* from) {
    std::uint32_t four;
    std::memcpy(&four, from, sizeof(four));
    return vdup_n_u32(four);
  }
  static uint32x4_t magnitude(const float* x) {
    return vandq_u32(vreinterpretq_u32_f32(vld1q_f32(x)), vdupq_n_u32(0x7fffffff));
  }
  static int16x4_t whole(const float* x, float factor) {
    return vmovn_s32(vcvtnq_s32_f32(vmulq_n_f32(vld1q_f32(x), factor)));
  }
};

}  // namespace shimmy::kernels
