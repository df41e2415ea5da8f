// The kernels of tile_neon_*.cpp.
#pragma once

#include "kernels/attention_kernels.h"
#include "kernels/kernel_set.h"

namespace shimmy::kernels {

extern const KernelSet kNeonDotprodKernels;
extern const KernelSet kNeonI8mmKernels;

extern const AttentionKernels kNeonAttention;

}  // namespace shimmy::kernels
