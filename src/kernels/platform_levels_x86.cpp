#include <sys/syscall.h>
#include <unistd.h>

#include <array>

#include "kernels/platform_levels.h"
#include "kernels/x86_kernels.h"

namespace shimmy::kernels {
namespace {

bool has_avx2() {
  return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") &&
         __builtin_cpu_supports("f16c");
}

bool has_avx_vnni() { return has_avx2() && __builtin_cpu_supports("avxvnni"); }

bool has_avx512_vnni() {
  return has_avx2() && __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
         __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vl") &&
         __builtin_cpu_supports("avx512vnni");
}

bool has_avx512_bf16() { return has_avx512_vnni() && __builtin_cpu_supports("avx512bf16"); }

// Linux has to be asked for the state of the tiles, once for the whole process.
bool may_use_tiles() {
#if defined(__linux__)
  constexpr long kRequestPermission = 0x1023;
  constexpr long kTileData = 18;
  static const bool may = syscall(SYS_arch_prctl, kRequestPermission, kTileData) == 0;
  return may;
#else
  return false;
#endif
}

bool has_amx_int8() {
  return has_avx512_bf16() && __builtin_cpu_supports("amx-tile") &&
         __builtin_cpu_supports("amx-int8") && may_use_tiles();
}

constexpr std::array kLevels{
    PlatformLevel{CpuLevel::Avx2, has_avx2, &kAvx2Kernels, &kAvx2Attention},
    PlatformLevel{CpuLevel::AvxVnni, has_avx_vnni, &kAvxVnniKernels, &kAvxVnniAttention},
    PlatformLevel{CpuLevel::Avx512Vnni, has_avx512_vnni, &kAvx512VnniKernels,
                  &kAvx512VnniAttention},
    PlatformLevel{CpuLevel::Avx512Bf16, has_avx512_bf16, &kAvx512Bf16Kernels,
                  &kAvx512Bf16Attention},
    PlatformLevel{CpuLevel::AmxInt8, has_amx_int8, &kAmxInt8Kernels, &kAvx512Bf16Attention},
};

}  // namespace

std::span<const PlatformLevel> platform_levels() { return kLevels; }

std::string_view needed_features() { return "AVX2, FMA and F16C"; }

}  // namespace shimmy::kernels
