// Products of 8-bit types on the matrix unit of Intel's servers (AMX-INT8). Only tile_amx_int8.cpp
// is compiled for such CPUs.
#pragma once

#include <array>
#include <cstdint>

#include "kernels/kernel_set.h"
#include "kernels/weight_type.h"

namespace shimmy::kernels {

// With fewer columns the unit would wait for its operands.
inline constexpr std::array kMatrixWidths = {8, 12, 16};

// A MultiplyTile of a quantised type, of each of kMatrixWidths.
template <WeightType kType, int kWidth>
void multiply_amx(const PackedRows& rows, const std::uint8_t* activations, float* const* columns);

}  // namespace shimmy::kernels
