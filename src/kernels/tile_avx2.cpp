// AVX2 with FMA and F16C.
#include "kernels/attention_query.h"
#include "kernels/lanes_avx2.h"
#include "kernels/make_kernel_set.h"
#include "kernels/x86_kernels.h"

namespace shimmy::kernels {

constinit const KernelSet kAvx2Kernels = make_kernel_set<Avx2Lanes<false>>();
constinit const AttentionKernels kAvx2Attention = make_attention_kernels<Avx2Lanes<false>>();

}  // namespace shimmy::kernels
