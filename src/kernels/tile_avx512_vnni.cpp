// AVX512 F, BW, DQ, VL and VNNI.
#include "kernels/attention_query.h"
#include "kernels/lanes_avx512.h"
#include "kernels/make_kernel_set.h"
#include "kernels/x86_kernels.h"

namespace shimmy::kernels {

constinit const KernelSet kAvx512VnniKernels = make_kernel_set<Avx512Lanes>();
constinit const AttentionKernels kAvx512VnniAttention = make_attention_kernels<Avx512Lanes>();

}  // namespace shimmy::kernels
