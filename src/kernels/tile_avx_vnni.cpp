// AVX2 with the AVX-VNNI dot product.
#include "kernels/lanes_avx2.h"
#include "kernels/make_kernel_set.h"

namespace shimmy::kernels {

constinit const KernelSet kAvxVnniKernels = make_kernel_set<Avx2Lanes<true>>();

}  // namespace shimmy::kernels
