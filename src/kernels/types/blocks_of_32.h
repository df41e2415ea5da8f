// The weight types with one scale, and perhaps one offset, for 32 values.
//
// A type says how its values unpack to unsigned bytes and what a byte stands for:
// value = scale * (byte - kZero) + offset, where kHasOffset says whether there is an offset.
// kLargest is the largest byte; kWide says that bytes pass 127, and then kZero is 128. kParts is
// the number of scales of a block of 32 values, kBlocks the number of such blocks in a cell.
#pragma once

#include "kernels/types/unpack.h"
#include "kernels/value_tables.h"
#include "kernels/weight_type.h"

namespace shimmy::kernels {

template <class V>
struct BlockOf32 {
  using Bytes = typename V::Bytes;
  using Floats = typename V::Floats;
  static constexpr int kBlocks = 1;
  static constexpr int kParts = 1;
  static constexpr int kZero = 0;
  static constexpr bool kHasOffset = false;
  static constexpr bool kWide = false;
  static constexpr int kLargest = 15;

  static void scales(const std::uint8_t* cell, int row, Floats* scale, Floats* /*offset*/) {
    scale[0] = halves<V>(cell, row);
  }
};

template <class V>
struct BlockOf32WithOffset : BlockOf32<V> {
  using Floats = typename V::Floats;
  static constexpr bool kHasOffset = true;

  static void scales(const std::uint8_t* cell, int row, Floats* scale, Floats* offset) {
    scale[0] = halves<V>(cell, row);
    offset[0] = halves<V>(cell + kHalves, row);
  }
};

template <class V>
struct Q40 : BlockOf32<V> {
  static constexpr WeightType kType = WeightType::Q40;
  static constexpr int kZero = 8;
  static void unpack(const std::uint8_t* cell, int /*block*/, int row, typename V::Bytes* values) {
    Unpack<V>::nibbles(cell + kHalves, row, values);
  }
};

template <class V>
struct Q41 : BlockOf32WithOffset<V> {
  static constexpr WeightType kType = WeightType::Q41;
  static void unpack(const std::uint8_t* cell, int /*block*/, int row, typename V::Bytes* values) {
    Unpack<V>::nibbles(cell + 2 * kHalves, row, values);
  }
};

template <class V>
struct Q50 : BlockOf32<V> {
  static constexpr WeightType kType = WeightType::Q50;
  static constexpr int kLargest = 31;
  static constexpr int kZero = 16;
  static void unpack(const std::uint8_t* cell, int /*block*/, int row, typename V::Bytes* values) {
    Unpack<V>::five_bits(cell + kHalves + kOneBitPlane, cell + kHalves, row, values);
  }
};

template <class V>
struct Q51 : BlockOf32WithOffset<V> {
  static constexpr WeightType kType = WeightType::Q51;
  static constexpr int kLargest = 31;
  static void unpack(const std::uint8_t* cell, int /*block*/, int row, typename V::Bytes* values) {
    Unpack<V>::five_bits(cell + 2 * kHalves + kOneBitPlane, cell + 2 * kHalves, row, values);
  }
};

template <class V>
struct Q80 : BlockOf32<V> {
  static constexpr WeightType kType = WeightType::Q80;
  static constexpr int kZero = 128;
  static constexpr bool kWide = true;
  static void unpack(const std::uint8_t* cell, int /*block*/, int row, typename V::Bytes* values) {
    for (int j = 0; j < 8; ++j) values[j] = Unpack<V>::vector(cell + kHalves, j, row);
  }
};

template <class V>
struct Iq4Nl : BlockOf32<V> {
  static constexpr WeightType kType = WeightType::Iq4Nl;
  static constexpr int kZero = 128;
  static constexpr bool kWide = true;
  static void unpack(const std::uint8_t* cell, int /*block*/, int row, typename V::Bytes* values) {
    Unpack<V>::nibbles(cell + kHalves, row, values);
    Unpack<V>::look_up(kIq4Values, values);
  }
};

template <class V>
struct Mxfp4 : BlockOf32<V> {
  static constexpr WeightType kType = WeightType::Mxfp4;
  static constexpr int kZero = 12;
  static constexpr int kLargest = 24;
  // The scale is 2^(e - 128) for a byte e: the product of two powers, as one can lie below all
  // normal floats.
  static void scales(const std::uint8_t* cell, int row, typename V::Floats* scale,
                     typename V::Floats* /*offset*/) {
    const auto exponent = V::load_unsigned(cell + row);
    const auto half = V::template bits<1, 0x7f>(exponent);
    const auto rest = V::add(half, V::template bits<0, 1>(exponent));
    scale[0] = V::multiply(power(half), power(rest));
  }
  static void unpack(const std::uint8_t* cell, int /*block*/, int row, typename V::Bytes* values) {
    Unpack<V>::nibbles(cell + kRowBytes, row, values);
    Unpack<V>::look_up(kMxfp4Values, values);
  }

 private:
  // 2^(exponent - 64)
  static typename V::Floats power(typename V::Ints exponent) {
    return V::as_floats(V::template bits<-23, 0x7fffffff>(V::add(exponent, V::ints(63))));
  }
};

}  // namespace shimmy::kernels
