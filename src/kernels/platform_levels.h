// What the kernels of one processor are: platform_levels_x86.cpp, platform_levels_arm.cpp or, for
// all others, platform_levels_none.cpp is part of a build.
#pragma once

#include <span>
#include <string_view>

#include "kernels/cpu_level.h"

namespace shimmy::kernels {

struct PlatformLevel {
  CpuLevel level;
  bool (*is_supported)();
  const KernelSet* kernels;
  const AttentionKernels* attention;
};

// Of CpuLevel, in its order: those that are compiled beside Scalar.
std::span<const PlatformLevel> platform_levels();

// What a CPU must have for the first of them: "AVX2, FMA and F16C".
std::string_view needed_features();

}  // namespace shimmy::kernels
