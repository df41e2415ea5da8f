// The reference: no special instructions.
#include "kernels/lanes_scalar.h"
#include "kernels/make_kernel_set.h"

namespace shimmy::kernels {

constinit const KernelSet kScalarKernels = make_kernel_set<ScalarLanes>();

}  // namespace shimmy::kernels
