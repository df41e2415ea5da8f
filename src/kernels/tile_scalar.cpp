// The reference: no special instructions.
#include "kernels/attention_query.h"
#include "kernels/lanes_scalar.h"
#include "kernels/make_kernel_set.h"

namespace shimmy::kernels {

constinit const KernelSet kScalarKernels = make_kernel_set<ScalarLanes>();
constinit const AttentionKernels kScalarAttention = make_attention_kernels<ScalarLanes>();

}  // namespace shimmy::kernels
