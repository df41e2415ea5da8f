// How the operands of a prompt's products lie in 32-bit words: a float in each, or two 16-bit ones
// (lanes_bf16.h). Templates over V as in tile.h.
#pragma once

#include <cstddef>
#include <cstdint>

namespace shimmy::kernels {

template <class V>
struct FloatWords {
  using Floats = typename V::Floats;
  static constexpr std::size_t kValues = 1;  // of one word

  static Floats multiply_add(Floats a, Floats b, Floats c) { return V::fused(a, b, c); }

  // `count` values times `factor`, side by side.
  static void pack(const float* from, float factor, float* words, std::size_t count) {
    for (std::size_t i = 0; i < count; i += V::kRows)
      V::store(words + i, V::multiply(V::load(from + i), V::floats(factor)));
  }
  // As many 16-bit floats as a vector has lanes, side by side.
  static void pack_halves(const std::uint8_t* from, float* words) {
    V::store(words, V::load_halves(from));
  }
  // As many words as a vector has lanes, each of the values of kValues rows; a null row is of
  // zeros.
  static void pack_across(const std::uint8_t* const* rows, std::size_t offset, float* words) {
    V::store(words, rows[0] == nullptr ? V::floats(0) : V::load_halves(rows[0] + offset));
  }
};

}  // namespace shimmy::kernels
