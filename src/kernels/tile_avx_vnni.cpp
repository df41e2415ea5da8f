// AVX2 with the AVX-VNNI dot product.
#include "kernels/attention_query.h"
#include "kernels/lanes_avx2.h"
#include "kernels/make_kernel_set.h"
#include "kernels/x86_kernels.h"

namespace shimmy::kernels {

constinit const KernelSet kAvxVnniKernels = make_kernel_set<Avx2Lanes<true>>();
constinit const AttentionKernels kAvxVnniAttention = make_attention_kernels<Avx2Lanes<true>>();

}  // namespace shimmy::kernels
