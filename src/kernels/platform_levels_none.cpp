// A processor that no kernels are made for, or a system that does not say what its CPU has.
#include "kernels/platform_levels.h"

namespace shimmy::kernels {

std::span<const PlatformLevel> platform_levels() { return {}; }

std::string_view needed_features() { return "AVX2 or, under Linux, NEON's dot product"; }

}  // namespace shimmy::kernels
