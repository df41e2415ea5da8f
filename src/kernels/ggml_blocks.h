// Which part of ggml's blocks becomes which part of a cell, for each weight type; both ways.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "kernels/cell_layout.h"
#include "kernels/lane.h"
#include "kernels/weight_type.h"

namespace shimmy::kernels {

// The scales of Q4_K and Q5_K: eight pairs of a factor and a minimum in 12 bytes.
struct FactorsAndMinima {
  static void split(const std::uint8_t* bytes, std::array<std::uint8_t, 16>& six) {
    for (std::size_t i = 0; i < 4; ++i) {
      six[2 * i] = bytes[i] & 63;
      six[2 * i + 1] = bytes[i + 4] & 63;
      six[2 * i + 8] = static_cast<std::uint8_t>((bytes[i + 8] & 15) | (bytes[i] >> 6) << 4);
      six[2 * i + 9] = static_cast<std::uint8_t>(bytes[i + 8] >> 4 | (bytes[i + 4] >> 6) << 4);
    }
  }
  static void join(const std::array<std::uint8_t, 16>& six, std::uint8_t* bytes) {
    for (std::size_t i = 0; i < 4; ++i) {
      bytes[i] = static_cast<std::uint8_t>(six[2 * i] | (six[2 * i + 8] >> 4) << 6);
      bytes[i + 4] = static_cast<std::uint8_t>(six[2 * i + 1] | (six[2 * i + 9] >> 4) << 6);
      bytes[i + 8] = static_cast<std::uint8_t>((six[2 * i + 8] & 15) | (six[2 * i + 9] & 15) << 4);
    }
  }
};

// The scales of Q3_K: 16 factors in 12 bytes.
struct SixteenFactors {
  static void split(const std::uint8_t* bytes, std::array<std::uint8_t, 16>& six) {
    for (std::size_t i = 0; i < 16; ++i) {
      const int low = i < 8 ? bytes[i] & 15 : bytes[i - 8] >> 4;
      const int high = (bytes[8 + i % 4] >> (2 * (i / 4))) & 3;
      six[i] = static_cast<std::uint8_t>(low | high << 4);
    }
  }
  static void join(const std::array<std::uint8_t, 16>& six, std::uint8_t* bytes) {
    for (std::size_t i = 0; i < 8; ++i) {
      bytes[i] = static_cast<std::uint8_t>((six[i] & 15) | (six[i + 8] & 15) << 4);
    }
    for (std::size_t i = 0; i < 4; ++i) {
      bytes[8 + i] = static_cast<std::uint8_t>(six[i] >> 4 | (six[i + 4] >> 4) << 2 |
                                               (six[i + 8] >> 4) << 4 | (six[i + 12] >> 4) << 6);
    }
  }
};

// Moves one row of one cell. The numbers are offsets in ggml's block structures.
template <bool kPacks>
void move_block_of_32(WeightType type, Lane<kPacks> lane) {
  switch (type) {
    case WeightType::Q40:
    case WeightType::Iq4Nl:
      lane.half(0, 0);
      lane.words(kHalves, 2, 4);
      return;
    case WeightType::Q41:
      lane.half(0, 0);
      lane.half(kHalves, 2);
      lane.words(2 * kHalves, 4, 4);
      return;
    case WeightType::Q50:
      lane.half(0, 0);
      lane.bit_word(kHalves, 2);
      lane.words(kHalves + kOneBitPlane, 6, 4);
      return;
    case WeightType::Q51:
      lane.half(0, 0);
      lane.half(kHalves, 2);
      lane.bit_word(2 * kHalves, 4);
      lane.words(2 * kHalves + kOneBitPlane, 8, 4);
      return;
    case WeightType::Q80:
      lane.half(0, 0);
      lane.signed_bytes(kHalves, 2);
      return;
    case WeightType::Mxfp4:
      lane.bytes(0, 0, 1);
      lane.words(kRowBytes, 1, 4);
      return;
    default: lane.floats(kBlock); return;
  }
}

// 128 bytes whose low and high nibbles are alternating blocks of 32.
template <bool kPacks>
void move_paired_nibbles(Lane<kPacks> lane, std::size_t plane, std::size_t in_block) {
  for (std::size_t i = 0; i < 4; ++i) {
    lane.nibbles(plane + 2 * i * kNibblePlane, plane + (2 * i + 1) * kNibblePlane,
                 in_block + 32 * i);
  }
}

template <bool kPacks>
void move_two_bits(Lane<kPacks> lane, std::size_t plane, std::size_t in_block) {
  lane.two_bits(plane, in_block);
  lane.two_bits(plane + 4 * kTwoBitPlane, in_block + 32);
}

template <bool kPacks>
void move_q6(Lane<kPacks> lane) {
  lane.half(0, 208);
  lane.bytes(Q6KCell::kScales, 192, 16);
  for (std::size_t half = 0; half < 2; ++half) {
    const std::size_t plane = Q6KCell::kLow + 4 * half * kNibblePlane;
    lane.nibbles(plane, plane + 2 * kNibblePlane, 64 * half);
    lane.nibbles(plane + kNibblePlane, plane + 3 * kNibblePlane, 64 * half + 32);
  }
  move_two_bits(lane, Q6KCell::kHigh, 128);
}

template <bool kPacks>
void move_block_of_256(WeightType type, Lane<kPacks> lane) {
  switch (type) {
    case WeightType::Q2K:
      lane.half(0, 80);
      lane.half(kHalves, 82);
      lane.bytes(Q2KCell::kScales, 0, 16);
      move_two_bits(lane, Q2KCell::kLow, 16);
      return;
    case WeightType::Q3K:
      lane.half(0, 108);
      lane.template six_bits<SixteenFactors>(Q3KCell::kScales, 96);
      move_two_bits(lane, Q3KCell::kLow, 32);
      lane.one_bits(Q3KCell::kHigh, 0);
      return;
    case WeightType::Q6K: move_q6(lane); return;
    case WeightType::Iq4Xs:
      lane.half(0, 0);
      lane.bytes(Iq4XsCell::kScalesHigh, 2, 2);
      lane.bytes(Iq4XsCell::kScalesLow, 4, 4);
      for (std::size_t i = 0; i < 8; ++i)
        lane.words(Iq4XsCell::kLow + i * kNibblePlane, 8 + 16 * i, 4);
      return;
    default:  // Q4_K, and Q5_K with a bit more
      lane.half(0, 0);
      lane.half(kHalves, 2);
      lane.template six_bits<FactorsAndMinima>(Q45KCell::kScales, 4);
      move_paired_nibbles(lane, Q45KCell::kLow, type == WeightType::Q5K ? 48 : 16);
      if (type == WeightType::Q5K) lane.one_bits(Q45KCell::kHigh, 16);
  }
}

template <bool kPacks>
void move_block(WeightType type, Lane<kPacks> lane) {
  if (block_shape(type).values == 256) move_block_of_256(type, lane);
  else move_block_of_32(type, lane);
}

}  // namespace shimmy::kernels
