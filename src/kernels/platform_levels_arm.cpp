// 64-bit ARM under Linux, whose kernel says what the CPU has.
#include <asm/hwcap.h>
#include <sys/auxv.h>

#include <array>

#include "kernels/arm_kernels.h"
#include "kernels/platform_levels.h"

namespace shimmy::kernels {
namespace {

bool has_dotprod() { return (getauxval(AT_HWCAP) & HWCAP_ASIMDDP) != 0; }

bool has_i8mm() { return has_dotprod() && (getauxval(AT_HWCAP2) & HWCAP2_I8MM) != 0; }

constexpr std::array kLevels{
    PlatformLevel{CpuLevel::NeonDotprod, has_dotprod, &kNeonDotprodKernels, &kNeonAttention},
    PlatformLevel{CpuLevel::NeonI8mm, has_i8mm, &kNeonI8mmKernels, &kNeonAttention},
};

}  // namespace

std::span<const PlatformLevel> platform_levels() { return kLevels; }

std::string_view needed_features() { return "NEON's dot product (asimddp)"; }

}  // namespace shimmy::kernels
