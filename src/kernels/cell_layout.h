// Where the parts of a cell of 16 rows lie, and how fields narrower than a byte lie in their words.
//
// A plane is a run of 64-byte vectors: the 32-bit word r of a vector belongs to row r. Of the 32
// values of a block, vector j of the unpacked form holds values 4j … 4j+3 in the four bytes of each
// word.
//   nibbles   4 vectors: byte b of word j holds value 4j+b below and value 16+4j+b above (ggml's
//   order) two bits  2 vectors: byte b of word p, bits 2i and 2i+1, is value 16p+4i+b one bit   1
//   vector: byte b, bit j, is value 4j+b
// Scales come first, as arrays over the rows.
#pragma once

#include <cstddef>

namespace shimmy::kernels {

inline constexpr std::size_t kVector = 64;
inline constexpr std::size_t kNibblePlane = 4 * kVector;
inline constexpr std::size_t kTwoBitPlane = 2 * kVector;
inline constexpr std::size_t kOneBitPlane = kVector;
inline constexpr std::size_t kBytePlane = 8 * kVector;

inline constexpr std::size_t kHalves = 32;               // 16 rows of a 16-bit float
inline constexpr std::size_t kRowBytes = 16;             // 16 rows of a byte
inline constexpr std::size_t kSixBits = 12 * kRowBytes;  // 16 six-bit scales of each row

// Offsets inside the cells of types whose blocks have 256 values.
struct Q2KCell {
  static constexpr std::size_t kScales = 2 * kHalves, kLow = kScales + 16 * kRowBytes;
};
struct Q3KCell {
  static constexpr std::size_t kScales = kHalves, kLow = kScales + kSixBits,
                               kHigh = kLow + 8 * kTwoBitPlane;
};
struct Q45KCell {
  static constexpr std::size_t kScales = 2 * kHalves, kLow = kScales + kSixBits,
                               kHigh = kLow + 8 * kNibblePlane;
};
struct Q6KCell {
  static constexpr std::size_t kScales = kHalves, kLow = kScales + 16 * kRowBytes,
                               kHigh = kLow + 8 * kNibblePlane;
};
struct Iq4XsCell {
  static constexpr std::size_t kScalesLow = kHalves, kScalesHigh = kScalesLow + 4 * kRowBytes,
                               kLow = kScalesHigh + 2 * kRowBytes;
};

}  // namespace shimmy::kernels
