// AVX512-BF16 beside what tile_avx512_vnni.cpp needs.
#include "kernels/attention_query.h"
#include "kernels/lanes_bf16.h"
#include "kernels/x86_kernels.h"

namespace shimmy::kernels {

constinit const AttentionKernels kAvx512Bf16Attention =
    make_attention_kernels<Bf16Lanes, Bf16Words>();

}  // namespace shimmy::kernels
