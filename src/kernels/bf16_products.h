// Products of BF16 weights where the CPU multiplies pairs of bfloats (AVX512-BF16). Activations are
// rounded to bfloats, as ggml rounds them. Only tile_avx512_bf16.cpp is compiled for such CPUs.
#pragma once

#include <cstddef>
#include <cstdint>

#include "kernels/kernel_set.h"
#include "kernels/weight_type.h"

namespace shimmy::kernels {

// A MultiplyTile, of each of kTileWidths.
template <int kWidth>
void multiply_bf16_pairs(const PackedRows& rows, const std::uint8_t* activations,
                         float* const* columns);

// A WriteColumn: for each block of 32 values, those of each column as bfloats.
void write_bf16_column(const float* column, std::size_t first, std::size_t last, std::uint8_t* tile,
                       std::size_t width, std::size_t slot);
inline constexpr std::size_t kBf16ColumnBytes = 2 * kBlock;

}  // namespace shimmy::kernels
