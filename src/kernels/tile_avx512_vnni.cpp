// AVX512 F, BW, DQ, VL and VNNI.
#include "kernels/lanes_avx512.h"
#include "kernels/make_kernel_set.h"

namespace shimmy::kernels {

constinit const KernelSet kAvx512VnniKernels = make_kernel_set<Avx512Lanes>();

}  // namespace shimmy::kernels
