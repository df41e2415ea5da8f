// The weight types without blocks: 16-bit floats, multiplied with 32-bit ones. A cell holds 32
// values of 16 rows, the 16 rows of a value side by side.
#pragma once

#include <cstdint>

#include "kernels/weight_type.h"

namespace shimmy::kernels {

template <class V>
struct F16 {
  static constexpr WeightType kType = WeightType::F16;
  static typename V::Floats load(const std::uint8_t* rows) { return V::load_halves(rows); }
};

template <class V>
struct Bf16 {
  static constexpr WeightType kType = WeightType::Bf16;
  static typename V::Floats load(const std::uint8_t* rows) { return V::load_bfloats(rows); }
};

}  // namespace shimmy::kernels
