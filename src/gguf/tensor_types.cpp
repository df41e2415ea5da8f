#include "gguf/tensor_types.h"

#include <array>

namespace shimmy::gguf {
namespace {

using enum TensorKind;

// In the order of the numbers, without a gap.
constexpr std::array<TensorType, 43> kTypes{{
    {0, "F32", 1, 4, Float},
    {1, "F16", 1, 2, Float},
    {2, "Q4_0", 32, 18, Quantized},
    {3, "Q4_1", 32, 20, Quantized},
    {4, "Q4_2", 1, 0, Removed},
    {5, "Q4_3", 1, 0, Removed},
    {6, "Q5_0", 32, 22, Quantized},
    {7, "Q5_1", 32, 24, Quantized},
    {8, "Q8_0", 32, 34, Quantized},
    {9, "Q8_1", 32, 36, Internal},
    {10, "Q2_K", 256, 84, Quantized},
    {11, "Q3_K", 256, 110, Quantized},
    {12, "Q4_K", 256, 144, Quantized},
    {13, "Q5_K", 256, 176, Quantized},
    {14, "Q6_K", 256, 210, Quantized},
    {15, "Q8_K", 256, 292, Internal},
    {16, "IQ2_XXS", 256, 66, Quantized},
    {17, "IQ2_XS", 256, 74, Quantized},
    {18, "IQ3_XXS", 256, 98, Quantized},
    {19, "IQ1_S", 256, 50, Quantized},
    {20, "IQ4_NL", 32, 18, Quantized},
    {21, "IQ3_S", 256, 110, Quantized},
    {22, "IQ2_S", 256, 82, Quantized},
    {23, "IQ4_XS", 256, 136, Quantized},
    {24, "I8", 1, 1, Number},
    {25, "I16", 1, 2, Number},
    {26, "I32", 1, 4, Number},
    {27, "I64", 1, 8, Number},
    {28, "F64", 1, 8, Number},
    {29, "IQ1_M", 256, 56, Quantized},
    {30, "BF16", 1, 2, Float},
    {31, "Q4_0_4_4", 1, 0, Removed},
    {32, "Q4_0_4_8", 1, 0, Removed},
    {33, "Q4_0_8_8", 1, 0, Removed},
    {34, "TQ1_0", 256, 54, Quantized},
    {35, "TQ2_0", 256, 66, Quantized},
    {36, "IQ4_NL_4_4", 1, 0, Removed},
    {37, "IQ4_NL_4_8", 1, 0, Removed},
    {38, "IQ4_NL_8_8", 1, 0, Removed},
    {39, "MXFP4", 32, 17, Quantized},
    {40, "NVFP4", 64, 36, Quantized},
    {41, "Q1_0", 128, 18, Quantized},
    {42, "Q2_0", 64, 18, Quantized},
}};

}  // namespace

const TensorType* find_tensor_type(std::uint32_t id) {
  return id < kTypes.size() ? &kTypes.at(id) : nullptr;
}

}  // namespace shimmy::gguf
