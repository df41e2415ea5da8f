// Assembler, as this file is compiled for any CPU.
#include "kernels/core_peak.h"

namespace shimmy::kernels {
namespace {

// Ten chains that do not wait for each other.
void ten_products_of_64() {
  asm volatile(
      "vpdpbusd %%zmm10, %%zmm10, %%zmm0\n vpdpbusd %%zmm10, %%zmm10, %%zmm1\n"
      "vpdpbusd %%zmm10, %%zmm10, %%zmm2\n vpdpbusd %%zmm10, %%zmm10, %%zmm3\n"
      "vpdpbusd %%zmm10, %%zmm10, %%zmm4\n vpdpbusd %%zmm10, %%zmm10, %%zmm5\n"
      "vpdpbusd %%zmm10, %%zmm10, %%zmm6\n vpdpbusd %%zmm10, %%zmm10, %%zmm7\n"
      "vpdpbusd %%zmm10, %%zmm10, %%zmm8\n vpdpbusd %%zmm10, %%zmm10, %%zmm9\n" ::
          : "xmm0", "xmm1", "xmm2", "xmm3", "xmm4", "xmm5", "xmm6", "xmm7", "xmm8", "xmm9");
}

void ten_products_of_32() {
  asm volatile(
      "%{vex%} vpdpbusd %%ymm10, %%ymm10, %%ymm0\n %{vex%} vpdpbusd %%ymm10, %%ymm10, %%ymm1\n"
      "%{vex%} vpdpbusd %%ymm10, %%ymm10, %%ymm2\n %{vex%} vpdpbusd %%ymm10, %%ymm10, %%ymm3\n"
      "%{vex%} vpdpbusd %%ymm10, %%ymm10, %%ymm4\n %{vex%} vpdpbusd %%ymm10, %%ymm10, %%ymm5\n"
      "%{vex%} vpdpbusd %%ymm10, %%ymm10, %%ymm6\n %{vex%} vpdpbusd %%ymm10, %%ymm10, %%ymm7\n"
      "%{vex%} vpdpbusd %%ymm10, %%ymm10, %%ymm8\n %{vex%} vpdpbusd %%ymm10, %%ymm10, %%ymm9\n" ::
          : "xmm0", "xmm1", "xmm2", "xmm3", "xmm4", "xmm5", "xmm6", "xmm7", "xmm8", "xmm9");
}

// Without VNNI a product takes three instructions; two chains of them fill the ports.
void two_products_of_32() {
  asm volatile(
      "vpmaddubsw %%ymm10, %%ymm10, %%ymm11\n vpmaddubsw %%ymm10, %%ymm10, %%ymm12\n"
      "vpmaddwd %%ymm10, %%ymm11, %%ymm11\n vpmaddwd %%ymm10, %%ymm12, %%ymm12\n"
      "vpaddd %%ymm11, %%ymm0, %%ymm0\n vpaddd %%ymm12, %%ymm1, %%ymm1\n" ::
          : "xmm0", "xmm1", "xmm11", "xmm12");
}

template <auto kStep>
void repeat(int steps) {
  for (int i = 0; i < steps; ++i) kStep();
  asm volatile("vzeroupper");
}

}  // namespace

DotProducts dot_products(CpuLevel level) {
  switch (level) {
    // What the matrix unit could do is not known here.
    case CpuLevel::AmxInt8:
    case CpuLevel::Avx512Bf16:
    case CpuLevel::Avx512Vnni: return {repeat<ten_products_of_64>, 10 * 64};
    case CpuLevel::AvxVnni: return {repeat<ten_products_of_32>, 10 * 32};
    default: break;
  }
  // The scalar kernels are measured against what the core could do.
  if (is_supported(CpuLevel::Avx2)) return {repeat<two_products_of_32>, 2 * 32};
  return {};
}

}  // namespace shimmy::kernels
