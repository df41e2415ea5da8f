// How the operands of a prompt's products lie in 32-bit words: a float in each, or two 16-bit ones
// (lanes_bf16.h). Templates over V as in tile.h.
#pragma once

#include <cstddef>

namespace shimmy::kernels {

template <class V>
struct FloatWords {
  using Floats = typename V::Floats;
  static constexpr std::size_t kValues = 1;  // of one word

  static Floats multiply_add(Floats a, Floats b, Floats c) { return V::fused(a, b, c); }

  // As many words as a vector has lanes, of `count` values times `factor` and then zeros.
  static Floats pack(const float* from, float factor, std::size_t /*count*/) {
    return V::multiply(V::load(from), V::floats(factor));
  }
  // A vector of them.
  static void pack(Floats values, float* words) { V::store(words, values); }
  // As many words as a vector has lanes, each of the values of kValues rows.
  static void pack_across(const Floats* rows, float* words) { V::store(words, rows[0]); }
};

}  // namespace shimmy::kernels
