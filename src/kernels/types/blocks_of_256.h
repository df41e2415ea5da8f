// The weight types with blocks of 256 values: 8 blocks of 32 share one cell and its 16-bit scale.
// See blocks_of_32.h for what a type says.
#pragma once

#include "kernels/types/unpack.h"
#include "kernels/value_tables.h"
#include "kernels/weight_type.h"

namespace shimmy::kernels {

// 16 numbers of six bits for each row, kept as 8 pairs: pair i has its low four bits in byte array
// i, below and above, and its high two bits in byte array 8 + i/2, from bit 4 (i % 2) on.
template <class V>
struct SixBits {
  using Ints = typename V::Ints;

  template <class Use>
  static void for_each_pair(const std::uint8_t* arrays, int row, Use use) {
    for (int i = 0; i < 8; i += 2) {
      const Ints even = V::load_unsigned(arrays + i * 16 + row);
      const Ints odd = V::load_unsigned(arrays + (i + 1) * 16 + row);
      const Ints high = V::load_unsigned(arrays + (8 + i / 2) * 16 + row);
      use(i, joined(V::template bits<0, 15>(even), V::template bits<-4, 48>(high)),
          joined(V::template bits<4, 15>(even), V::template bits<-2, 48>(high)));
      use(i + 1, joined(V::template bits<0, 15>(odd), V::template bits<0, 48>(high)),
          joined(V::template bits<4, 15>(odd), V::template bits<2, 48>(high)));
    }
  }

 private:
  static Ints joined(Ints low, Ints high) { return V::add(low, high); }
};

template <class V>
struct BlockOf256 {
  using Bytes = typename V::Bytes;
  using Ints = typename V::Ints;
  using Floats = typename V::Floats;
  static constexpr int kBlocks = 8;
  static constexpr int kParts = 1;
  static constexpr int kZero = 0;
  static constexpr bool kHasOffset = false;
  static constexpr bool kWide = false;
  static constexpr int kLargest = 15;

  static const std::uint8_t* plane(const std::uint8_t* first, int block, std::size_t bytes) {
    return first + static_cast<std::size_t>(block) * bytes;
  }
  static Floats negated(Floats x) { return V::multiply(x, V::floats(-1)); }
};

template <class V>
struct Q4K : BlockOf256<V> {
  using Base = BlockOf256<V>;
  using typename Base::Floats, typename Base::Ints;
  static constexpr WeightType kType = WeightType::Q4K;
  static constexpr bool kHasOffset = true;

  static void scales(const std::uint8_t* cell, int row, Floats* scale, Floats* offset) {
    const Floats d = halves<V>(cell, row);
    const Floats minimum = Base::negated(halves<V>(cell + kHalves, row));
    SixBits<V>::for_each_pair(cell + Q45KCell::kScales, row, [&](int i, Ints factor, Ints least) {
      scale[i] = V::multiply(d, V::to_floats(factor));
      offset[i] = V::multiply(minimum, V::to_floats(least));
    });
  }
  static void unpack(const std::uint8_t* cell, int block, int row, typename V::Bytes* values) {
    Unpack<V>::nibbles(Base::plane(cell + Q45KCell::kLow, block, kNibblePlane), row, values);
  }
};

template <class V>
struct Q5K : Q4K<V> {
  static constexpr WeightType kType = WeightType::Q5K;
  static constexpr int kLargest = 31;
  static void unpack(const std::uint8_t* cell, int block, int row, typename V::Bytes* values) {
    Unpack<V>::five_bits(Q4K<V>::plane(cell + Q45KCell::kLow, block, kNibblePlane),
                         Q4K<V>::plane(cell + Q45KCell::kHigh, block, kOneBitPlane), row, values);
  }
};

template <class V>
struct Q6K : BlockOf256<V> {
  using Base = BlockOf256<V>;
  using typename Base::Floats;
  static constexpr WeightType kType = WeightType::Q6K;
  static constexpr int kLargest = 63;
  static constexpr int kParts = 2;
  static constexpr int kZero = 32;

  static void scales(const std::uint8_t* cell, int row, Floats* scale, Floats* /*offset*/) {
    const Floats d = halves<V>(cell, row);
    for (int i = 0; i < 16; ++i) {
      scale[i] =
          V::multiply(d, V::to_floats(V::load_signed(cell + Q6KCell::kScales + i * 16 + row)));
    }
  }
  static void unpack(const std::uint8_t* cell, int block, int row, typename V::Bytes* values) {
    Unpack<V>::nibbles(Base::plane(cell + Q6KCell::kLow, block, kNibblePlane), row, values);
    Unpack<V>::add_two_bits(Base::plane(cell + Q6KCell::kHigh, block, kTwoBitPlane), row, values);
  }
};

template <class V>
struct Q2K : BlockOf256<V> {
  using Base = BlockOf256<V>;
  using typename Base::Floats, typename Base::Ints;
  static constexpr WeightType kType = WeightType::Q2K;
  static constexpr int kLargest = 3;
  static constexpr int kParts = 2;
  static constexpr bool kHasOffset = true;

  static void scales(const std::uint8_t* cell, int row, Floats* scale, Floats* offset) {
    const Floats d = halves<V>(cell, row);
    const Floats minimum = Base::negated(halves<V>(cell + kHalves, row));
    for (int i = 0; i < 16; ++i) {
      const Ints both = V::load_unsigned(cell + Q2KCell::kScales + i * 16 + row);
      scale[i] = V::multiply(d, V::to_floats(V::template bits<0, 15>(both)));
      offset[i] = V::multiply(minimum, V::to_floats(V::template bits<4, 15>(both)));
    }
  }
  static void unpack(const std::uint8_t* cell, int block, int row, typename V::Bytes* values) {
    Unpack<V>::two_bits(Base::plane(cell + Q2KCell::kLow, block, kTwoBitPlane), row, values);
  }
};

template <class V>
struct Q3K : BlockOf256<V> {
  using Base = BlockOf256<V>;
  using typename Base::Floats, typename Base::Ints;
  static constexpr WeightType kType = WeightType::Q3K;
  static constexpr int kLargest = 7;
  static constexpr int kParts = 2;
  static constexpr int kZero = 4;

  static void scales(const std::uint8_t* cell, int row, Floats* scale, Floats* /*offset*/) {
    const Floats d = halves<V>(cell, row);
    const auto scaled = [&](Ints six) {
      return V::multiply(d, V::to_floats(V::add(six, V::ints(-32))));
    };
    SixBits<V>::for_each_pair(cell + Q3KCell::kScales, row, [&](int i, Ints first, Ints second) {
      scale[2 * i] = scaled(first);
      scale[2 * i + 1] = scaled(second);
    });
  }
  static void unpack(const std::uint8_t* cell, int block, int row, typename V::Bytes* values) {
    Unpack<V>::two_bits(Base::plane(cell + Q3KCell::kLow, block, kTwoBitPlane), row, values);
    Unpack<V>::template add_bit<2>(Base::plane(cell + Q3KCell::kHigh, block, kOneBitPlane), row,
                                   values);
  }
};

template <class V>
struct Iq4Xs : BlockOf256<V> {
  using Base = BlockOf256<V>;
  using typename Base::Floats, typename Base::Ints;
  static constexpr WeightType kType = WeightType::Iq4Xs;
  static constexpr int kZero = 128;
  static constexpr bool kWide = true;

  static void scales(const std::uint8_t* cell, int row, Floats* scale, Floats* /*offset*/) {
    const Floats d = halves<V>(cell, row);
    const auto scaled = [&](Ints low, Ints high) {
      return V::multiply(d, V::to_floats(V::add(V::add(low, high), V::ints(-32))));
    };
    for (int i = 0; i < 2; ++i) {
      const Ints high = V::load_unsigned(cell + Iq4XsCell::kScalesHigh + i * 16 + row);
      const Ints low0 = V::load_unsigned(cell + Iq4XsCell::kScalesLow + 2 * i * 16 + row);
      const Ints low1 = V::load_unsigned(cell + Iq4XsCell::kScalesLow + (2 * i + 1) * 16 + row);
      scale[4 * i] = scaled(V::template bits<0, 15>(low0), V::template bits<-4, 48>(high));
      scale[4 * i + 1] = scaled(V::template bits<4, 15>(low0), V::template bits<-2, 48>(high));
      scale[4 * i + 2] = scaled(V::template bits<0, 15>(low1), V::template bits<0, 48>(high));
      scale[4 * i + 3] = scaled(V::template bits<4, 15>(low1), V::template bits<2, 48>(high));
    }
  }
  static void unpack(const std::uint8_t* cell, int block, int row, typename V::Bytes* values) {
    Unpack<V>::nibbles(Base::plane(cell + Iq4XsCell::kLow, block, kNibblePlane), row, values);
    Unpack<V>::look_up(kIq4Values, values);
  }
};

}  // namespace shimmy::kernels
