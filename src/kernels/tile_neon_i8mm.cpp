// NEON with the USDOT and USMMLA of I8MM.
#include "kernels/arm_kernels.h"
#include "kernels/lanes_neon.h"
#include "kernels/make_kernel_set.h"

namespace shimmy::kernels {

constinit const KernelSet kNeonI8mmKernels = make_kernel_set<NeonLanes<true>>();

}  // namespace shimmy::kernels
