// One row of a cell beside its block in ggml's format; every step copies one part of it, in either
// direction. See cell_layout.h for the planes.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <type_traits>

#include "kernels/cell_layout.h"

namespace shimmy::kernels {

template <bool kPacks>
class Lane {
 public:
  using Cell = std::conditional_t<kPacks, std::uint8_t*, const std::uint8_t*>;
  using Block = std::conditional_t<kPacks, const std::uint8_t*, std::uint8_t*>;

  Lane(Cell cell, std::size_t row, Block block) : cell_(cell), row_(row), block_(block) {}

  // A 16-bit scale.
  void half(std::size_t in_cell, std::size_t in_block) {
    copy(cell_ + in_cell + 2 * row_, block_ + in_block, 2);
  }

  // `count` byte arrays over the rows.
  void bytes(std::size_t in_cell, std::size_t in_block, std::size_t count) {
    for (std::size_t i = 0; i < count; ++i) copy(row_byte(in_cell, i), block_ + in_block + i, 1);
  }

  // `count` words of a plane, as they are.
  void words(std::size_t plane, std::size_t in_block, std::size_t count) {
    for (std::size_t i = 0; i < count; ++i) copy(word(plane, i), block_ + in_block + 4 * i, 4);
  }

  // 32 signed bytes; the cell has them 128 higher.
  void signed_bytes(std::size_t plane, std::size_t in_block) {
    for (std::size_t i = 0; i < 8; ++i) {
      std::uint32_t four = 0;
      std::memcpy(&four, from(word(plane, i), block_ + in_block + 4 * i), 4);
      four ^= 0x80808080U;
      std::memcpy(to(word(plane, i), block_ + in_block + 4 * i), &four, 4);
    }
  }

  // 16-bit floats: the rows of a value side by side.
  void floats(std::size_t count) {
    for (std::size_t i = 0; i < count; ++i) copy(cell_ + 2 * (16 * i + row_), block_ + 2 * i, 2);
  }

  // 32 bytes of two blocks: one in the low nibbles, the next in the high ones.
  void nibbles(std::size_t low_plane, std::size_t high_plane, std::size_t in_block) {
    std::array<std::uint8_t, 16> low{};
    std::array<std::uint8_t, 16> high{};
    Block bytes = block_ + in_block;
    if constexpr (kPacks) {
      for (std::size_t i = 0; i < 16; ++i) {
        low[i] = static_cast<std::uint8_t>((bytes[i] & 15) | (bytes[i + 16] << 4));
        high[i] = static_cast<std::uint8_t>((bytes[i] >> 4) | (bytes[i + 16] & 240));
      }
    }
    for (std::size_t i = 0; i < 4; ++i) {
      copy(word(low_plane, i), low.data() + 4 * i, 4);
      copy(word(high_plane, i), high.data() + 4 * i, 4);
    }
    if constexpr (!kPacks) {
      for (std::size_t i = 0; i < 16; ++i) {
        bytes[i] = static_cast<std::uint8_t>((low[i] & 15) | (high[i] << 4));
        bytes[i + 16] = static_cast<std::uint8_t>((low[i] >> 4) | (high[i] & 240));
      }
    }
  }

  // 32 bytes of four blocks, two bits of each.
  void two_bits(std::size_t first_plane, std::size_t in_block) {
    if constexpr (!kPacks) std::memset(block_ + in_block, 0, 32);
    for (std::size_t s = 0; s < 4; ++s) {
      const std::size_t plane = first_plane + s * kTwoBitPlane;
      for (std::size_t p = 0; p < 2; ++p) {
        const auto bytes = word(plane, p);
        Block values = block_ + in_block + 16 * p;
        for (std::size_t b = 0; b < 4; ++b) {
          if constexpr (kPacks) {
            bytes[b] =
                static_cast<std::uint8_t>(two(values[b], s) | two(values[b + 4], s) << 2 |
                                          two(values[b + 8], s) << 4 | two(values[b + 12], s) << 6);
          } else {
            for (std::size_t i = 0; i < 4; ++i) {
              values[b + 4 * i] =
                  static_cast<std::uint8_t>(values[b + 4 * i] | two(bytes[b], i) << (2 * s));
            }
          }
        }
      }
    }
  }

  // 32 bytes of eight blocks, one bit of each.
  void one_bits(std::size_t first_plane, std::size_t in_block) {
    if constexpr (!kPacks) std::memset(block_ + in_block, 0, 32);
    for (std::size_t s = 0; s < 8; ++s) {
      const auto bytes = word(first_plane + s * kOneBitPlane, 0);
      Block values = block_ + in_block;
      if constexpr (kPacks) std::memset(bytes, 0, 4);
      for (std::size_t i = 0; i < 32; ++i) {
        move_bit(bytes + i % 4, i / 4, values + i, s);
      }
    }
  }

  // 4 bytes of one block: bit i belongs to value i.
  void bit_word(std::size_t plane, std::size_t in_block) {
    const auto bytes = word(plane, 0);
    if constexpr (kPacks) std::memset(bytes, 0, 4);
    else std::memset(block_ + in_block, 0, 4);
    for (std::size_t i = 0; i < 32; ++i)
      move_bit(bytes + i % 4, i / 4, block_ + in_block + i / 8, i % 8);
  }

  // 16 numbers of six bits as 8 pairs (types/blocks_of_256.h); `split` and `join` know ggml's
  // order.
  template <class Order>
  void six_bits(std::size_t in_cell, std::size_t in_block) {
    std::array<std::uint8_t, 16> six{};
    if constexpr (kPacks) Order::split(block_ + in_block, six);
    for (std::size_t i = 0; i < 8; ++i) {
      const auto low = row_byte(in_cell, i);
      const auto high = row_byte(in_cell, 8 + i / 2);
      const std::size_t shift = 4 * (i % 2);
      if constexpr (kPacks) {
        *low = static_cast<std::uint8_t>((six[2 * i] & 15) | (six[2 * i + 1] & 15) << 4);
        const int pair = six[2 * i] >> 4 | (six[2 * i + 1] >> 4) << 2;
        *high = static_cast<std::uint8_t>(shift == 0 ? pair : *high | pair << 4);
      } else {
        six[2 * i] = static_cast<std::uint8_t>((*low & 15) | ((*high >> shift) & 3) << 4);
        six[2 * i + 1] = static_cast<std::uint8_t>(*low >> 4 | ((*high >> shift >> 2) & 3) << 4);
      }
    }
    if constexpr (!kPacks) Order::join(six, block_ + in_block);
  }

 private:
  static int two(std::uint8_t byte, std::size_t index) { return (byte >> (2 * index)) & 3; }

  static auto to(Cell in_cell, Block in_block) {
    if constexpr (kPacks) return in_cell;
    else return in_block;
  }
  static auto from(Cell in_cell, Block in_block) {
    if constexpr (kPacks) return in_block;
    else return in_cell;
  }
  static void copy(Cell in_cell, Block in_block, std::size_t bytes) {
    std::memcpy(to(in_cell, in_block), from(in_cell, in_block), bytes);
  }
  // Copies one bit of a byte onto one that is still zero.
  static void move_bit(Cell in_cell, std::size_t cell_bit, Block in_block, std::size_t block_bit) {
    const bool is_set =
        kPacks ? ((*in_block >> block_bit) & 1) != 0 : ((*in_cell >> cell_bit) & 1) != 0;
    const auto target = to(in_cell, in_block);
    if (is_set) *target = static_cast<std::uint8_t>(*target | 1 << (kPacks ? cell_bit : block_bit));
  }

  Cell row_byte(std::size_t in_cell, std::size_t index) const {
    return cell_ + in_cell + index * kRowBytes + row_;
  }
  Cell word(std::size_t plane, std::size_t index) const {
    return cell_ + plane + index * kVector + 4 * row_;
  }

  Cell cell_;
  std::size_t row_;
  Block block_;
};

}  // namespace shimmy::kernels
