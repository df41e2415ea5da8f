// NEON with SDOT; attention for both levels.
#include "kernels/arm_kernels.h"
#include "kernels/attention_query.h"
#include "kernels/lanes_neon.h"
#include "kernels/make_kernel_set.h"

namespace shimmy::kernels {

constinit const KernelSet kNeonDotprodKernels = make_kernel_set<NeonLanes<false>>();
constinit const AttentionKernels kNeonAttention = make_attention_kernels<NeonLanes<false>>();

}  // namespace shimmy::kernels
