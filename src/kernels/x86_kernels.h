// The kernels of tile_avx*.cpp and attention_avx*.cpp.
#pragma once

#include "kernels/attention_kernels.h"
#include "kernels/kernel_set.h"

namespace shimmy::kernels {

extern const KernelSet kAvx2Kernels;
extern const KernelSet kAvxVnniKernels;
extern const KernelSet kAvx512VnniKernels;
extern const KernelSet kAvx512Bf16Kernels;  // the same but for BF16 weights
extern const KernelSet kAmxInt8Kernels;     // the same but for many columns

extern const AttentionKernels kAvx2Attention;
extern const AttentionKernels kAvxVnniAttention;
extern const AttentionKernels kAvx512VnniAttention;
extern const AttentionKernels kAvx512Bf16Attention;

}  // namespace shimmy::kernels
