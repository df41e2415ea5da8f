// The vectors of the scalar reference: 4 rows in plain arrays, one step at a time. Its steps are
// calls, as the unrolled loops of tile.h would otherwise fill megabytes with them.
#pragma once

#include <bit>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstring>

#include "kernels/half.h"

namespace shimmy::kernels {

// Every Lanes type offers these members; a Bytes holds four bytes for each of kRows rows.
struct ScalarLanes {
  static constexpr int kRows = 4;
  static constexpr int kRegisters = 4;          // that a tile may count on; calls keep few
  static constexpr bool kSignedWide = false;    // dot() takes wide weights as unsigned, too
  static constexpr bool kPairsColumns = false;  // see column_pairs.h

  struct Bytes {
    std::uint8_t at[16];
  };
  struct Ints {
    std::int32_t at[4];
  };
  struct Floats {
    float at[4];
  };

  static Bytes load_bytes(const std::uint8_t* from) {
    Bytes to;
    std::memcpy(to.at, from, sizeof(to.at));
    return to;
  }

  // Each byte shifted right by kShift (left if negative), then masked.
  template <int kShift, int kMask>
  static Bytes field(Bytes x) {
    for (auto& byte : x.at) {
      const int shifted = kShift >= 0 ? byte >> (kShift & 7) : byte << (-kShift & 7);
      byte = static_cast<std::uint8_t>(shifted & kMask);
    }
    return x;
  }

  // field() of `x` and of `other`, in the bits outside kMask, together. Only vectors that do it in
  // one step have it. No bit that counts may come from outside its byte.
  template <int kShift, int kOtherShift, int kMask>
  static Bytes blend(Bytes x, Bytes other) {
    return either(field<kShift, kMask>(x), field < kOtherShift, 0xff & ~kMask > (other));
  }

  [[gnu::noinline]] static Bytes either(Bytes a, const Bytes& b) {
    for (int i = 0; i < 16; ++i) a.at[i] = static_cast<std::uint8_t>(a.at[i] | b.at[i]);
    return a;
  }

  [[gnu::noinline]] static Bytes look_up(const std::uint8_t* table, Bytes index) {
    for (auto& byte : index.at) byte = table[byte];
    return index;
  }

  // How many vectors one dot() takes, with weights up to `largest`.
  static constexpr int group(int /*largest*/) { return 1; }
  // Adds to each row its bytes times the signed bytes at `activations`, four for each vector. Wide
  // weights pass 127, and their zero is 128.
  template <int kCount, bool kWide>
  static Ints dot(const Ints& sum, const Bytes* weights, const std::uint8_t* activations) {
    static_assert(kCount == 1);
    return dot_one(sum, *weights, activations);
  }

  [[gnu::noinline]] static Ints ints(std::int32_t value) {
    Ints to;
    for (auto& lane : to.at) lane = value;
    return to;
  }
  static Ints load_unsigned(const std::uint8_t* from) {
    Ints to;
    for (int row = 0; row < 4; ++row) to.at[row] = from[row];
    return to;
  }
  static Ints load_signed(const std::uint8_t* from) {
    Ints to;
    for (int row = 0; row < 4; ++row) to.at[row] = static_cast<std::int8_t>(from[row]);
    return to;
  }
  template <int kShift, int kMask>
  static Ints bits(Ints x) {
    for (auto& lane : x.at)
      lane = kShift >= 0 ? (lane >> (kShift & 31)) & kMask : (lane << (-kShift & 31)) & kMask;
    return x;
  }
  static Ints add(Ints a, const Ints& b) {
    for (int row = 0; row < 4; ++row) a.at[row] += b.at[row];
    return a;
  }

  [[gnu::noinline]] static Floats floats(float value) {
    Floats to;
    for (auto& lane : to.at) lane = value;
    return to;
  }
  [[gnu::noinline]] static Floats to_floats(const Ints& x) {
    Floats to;
    for (int row = 0; row < 4; ++row) to.at[row] = static_cast<float>(x.at[row]);
    return to;
  }
  static Floats as_floats(const Ints& x) { return std::bit_cast<Floats>(x); }
  static Floats load_halves(const std::uint8_t* from) {
    Floats to;
    for (int row = 0; row < 4; ++row) to.at[row] = half_to_float(word(from, row));
    return to;
  }
  static Floats load_bfloats(const std::uint8_t* from) {
    Floats to;
    for (int row = 0; row < 4; ++row) to.at[row] = bfloat_to_float(word(from, row));
    return to;
  }
  // The one at `from` in all lanes.
  static Floats half(const std::uint8_t* from) { return floats(half_to_float(word(from, 0))); }
  [[gnu::noinline]] static Floats multiply(Floats a, const Floats& b) {
    for (int row = 0; row < 4; ++row) a.at[row] *= b.at[row];
    return a;
  }
  // a * b + c, rounded once.
  [[gnu::noinline]] static Floats fused(const Floats& a, const Floats& b, Floats c) {
    for (int row = 0; row < 4; ++row) c.at[row] = std::fma(a.at[row], b.at[row], c.at[row]);
    return c;
  }
  static void store(float* to, const Floats& x) { std::memcpy(to, x.at, sizeof(x.at)); }

  static Floats load(const float* from) {
    Floats to;
    std::memcpy(to.at, from, sizeof(to.at));
    return to;
  }
  // The larger one; b where either is no number.
  static Floats larger(const Floats& a, Floats b) {
    for (int row = 0; row < 4; ++row) b.at[row] = a.at[row] > b.at[row] ? a.at[row] : b.at[row];
    return b;
  }
  static Floats subtract(Floats a, const Floats& b) {
    for (int row = 0; row < 4; ++row) a.at[row] -= b.at[row];
    return a;
  }
  static Floats divide(Floats a, const Floats& b) {
    for (int row = 0; row < 4; ++row) a.at[row] /= b.at[row];
    return a;
  }
  // Rounded to the nearest.
  static Ints to_ints(const Floats& x) {
    Ints to;
    for (int row = 0; row < 4; ++row) to.at[row] = static_cast<std::int32_t>(std::lrint(x.at[row]));
    return to;
  }
  static float largest_lane(const Floats& x) {
    float largest = x.at[0];
    for (const float lane : x.at) largest = lane > largest ? lane : largest;
    return largest;
  }
  static float sum_lanes(const Floats& x) { return (x.at[0] + x.at[1]) + (x.at[2] + x.at[3]); }

  // `x` in the lanes whose bits are set, `other` in the rest.
  static Floats where(std::uint32_t bits, const Floats& x, Floats other) {
    for (int row = 0; row < 4; ++row) {
      if ((bits >> row & 1) != 0) other.at[row] = x.at[row];
    }
    return other;
  }
  // The sum of the lanes of each of kRows vectors.
  static Floats sum_each(const Floats* x) {
    Floats to;
    for (int row = 0; row < 4; ++row) to.at[row] = sum_lanes(x[row]);
    return to;
  }
  // A bit for each of 64 words that is not `value`.
  static std::uint64_t differs(const std::uint16_t* words, std::uint16_t value) {
    std::uint64_t bits = 0;
    for (int i = 0; i < 64; ++i) bits |= static_cast<std::uint64_t>(words[i] != value) << i;
    return bits;
  }

  // The bits of the largest magnitude of 32 floats; what is not finite is largest of all.
  static std::uint32_t largest(const float* x) {
    std::uint32_t largest = 0;
    for (int i = 0; i < 32; ++i) {
      const std::uint32_t bits = std::bit_cast<std::uint32_t>(x[i]) & 0x7fffffffU;
      largest = bits > largest ? bits : largest;
    }
    return largest;
  }
  // Rounds 32 floats times `factor` to the nearest signed bytes and sums each half of them.
  static void round(const float* x, float factor, std::uint8_t* to, std::int32_t* sums) {
    for (int i = 0; i < 32; ++i) {
      const auto value = static_cast<std::int8_t>(std::lrint(x[i] * factor));
      to[i] = static_cast<std::uint8_t>(value);
      sums[i / 16] += value;
    }
  }

 private:
  [[gnu::noinline]] static Ints dot_one(Ints sum, const Bytes& weights,
                                        const std::uint8_t* activations) {
    for (int row = 0; row < 4; ++row) {
      for (int i = 0; i < 4; ++i) {
        sum.at[row] += weights.at[4 * row + i] * static_cast<std::int8_t>(activations[i]);
      }
    }
    return sum;
  }
  static std::uint16_t word(const std::uint8_t* from, int row) {
    std::uint16_t bits;
    std::memcpy(&bits, from + 2 * row, sizeof(bits));
    return bits;
  }
};

}  // namespace shimmy::kernels
