// Assembler, as this file is compiled for any CPU. Sixteen chains that do not wait for each other.
#include "kernels/core_peak.h"

namespace shimmy::kernels {
namespace {

[[gnu::target("arch=armv8.2-a+dotprod")]] void sixteen_products_of_16(int steps) {
  for (int i = 0; i < steps; ++i) {
    asm volatile(
        "sdot v0.4s, v24.16b, v24.16b\n sdot v1.4s, v24.16b, v24.16b\n"
        "sdot v2.4s, v24.16b, v24.16b\n sdot v3.4s, v24.16b, v24.16b\n"
        "sdot v4.4s, v24.16b, v24.16b\n sdot v5.4s, v24.16b, v24.16b\n"
        "sdot v6.4s, v24.16b, v24.16b\n sdot v7.4s, v24.16b, v24.16b\n"
        "sdot v16.4s, v24.16b, v24.16b\n sdot v17.4s, v24.16b, v24.16b\n"
        "sdot v18.4s, v24.16b, v24.16b\n sdot v19.4s, v24.16b, v24.16b\n"
        "sdot v20.4s, v24.16b, v24.16b\n sdot v21.4s, v24.16b, v24.16b\n"
        "sdot v22.4s, v24.16b, v24.16b\n sdot v23.4s, v24.16b, v24.16b\n" ::
            : "v0", "v1", "v2", "v3", "v4", "v5", "v6", "v7", "v16", "v17", "v18", "v19", "v20",
              "v21", "v22", "v23");
  }
}

[[gnu::target("arch=armv8.2-a+i8mm")]] void sixteen_products_of_32(int steps) {
  for (int i = 0; i < steps; ++i) {
    asm volatile(
        "usmmla v0.4s, v24.16b, v24.16b\n usmmla v1.4s, v24.16b, v24.16b\n"
        "usmmla v2.4s, v24.16b, v24.16b\n usmmla v3.4s, v24.16b, v24.16b\n"
        "usmmla v4.4s, v24.16b, v24.16b\n usmmla v5.4s, v24.16b, v24.16b\n"
        "usmmla v6.4s, v24.16b, v24.16b\n usmmla v7.4s, v24.16b, v24.16b\n"
        "usmmla v16.4s, v24.16b, v24.16b\n usmmla v17.4s, v24.16b, v24.16b\n"
        "usmmla v18.4s, v24.16b, v24.16b\n usmmla v19.4s, v24.16b, v24.16b\n"
        "usmmla v20.4s, v24.16b, v24.16b\n usmmla v21.4s, v24.16b, v24.16b\n"
        "usmmla v22.4s, v24.16b, v24.16b\n usmmla v23.4s, v24.16b, v24.16b\n" ::
            : "v0", "v1", "v2", "v3", "v4", "v5", "v6", "v7", "v16", "v17", "v18", "v19", "v20",
              "v21", "v22", "v23");
  }
}

}  // namespace

DotProducts dot_products(CpuLevel level) {
  if (level == CpuLevel::NeonI8mm) return {sixteen_products_of_32, 16 * 32};
  // The scalar kernels are measured against what the core could do.
  if (is_supported(CpuLevel::NeonDotprod)) return {sixteen_products_of_16, 16 * 16};
  return {};
}

}  // namespace shimmy::kernels
