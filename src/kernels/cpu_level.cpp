#include "kernels/cpu_level.h"

#include <fmt/format.h>

#include <algorithm>
#include <string>

#include "kernels/platform_levels.h"

namespace shimmy::kernels {
namespace {

// Null for Scalar and for the levels of other processors.
const PlatformLevel* platform_level(CpuLevel level) {
  const auto levels = platform_levels();
  const auto found = std::ranges::find(levels, level, &PlatformLevel::level);
  return found == levels.end() ? nullptr : &*found;
}

std::string names(const auto& levels) {
  std::string text;
  for (const CpuLevel level : levels)
    text += fmt::format("{}{}", text.empty() ? "" : ", ", name(level));
  return text;
}

}  // namespace

std::string_view name(CpuLevel level) {
  switch (level) {
    case CpuLevel::Scalar: return "scalar";
    case CpuLevel::Avx2: return "avx2";
    case CpuLevel::AvxVnni: return "avx-vnni";
    case CpuLevel::Avx512Vnni: return "avx512-vnni";
    case CpuLevel::Avx512Bf16: return "avx512-bf16";
    case CpuLevel::AmxInt8: return "amx-int8";
    case CpuLevel::NeonDotprod: return "neon-dotprod";
    case CpuLevel::NeonI8mm: return "neon-i8mm";
  }
  return "unknown";
}

bool is_tested(CpuLevel level) { return level != CpuLevel::AmxInt8; }

bool is_supported(CpuLevel level) {
  if (level == CpuLevel::Scalar) return true;
  const PlatformLevel* const of = platform_level(level);
  return of != nullptr && of->is_supported();
}

std::vector<CpuLevel> supported_levels() {
  std::vector<CpuLevel> levels;
  std::ranges::copy_if(kCpuLevels, std::back_inserter(levels), is_supported);
  return levels;
}

base::Result<CpuLevel> choose_level(std::string_view forced) {
  const std::vector<CpuLevel> levels = supported_levels();
  if (forced.empty()) return *std::ranges::find_if(levels.rbegin(), levels.rend(), is_tested);
  for (const CpuLevel level : kCpuLevels) {
    if (name(level) != forced) continue;
    if (is_supported(level)) return level;
    return base::fail_field("SHIMMY_CPU",
                            "SHIMMY_CPU asks for {}, which this CPU cannot run; it runs {}.",
                            forced, names(levels));
  }
  return base::fail_field("SHIMMY_CPU", "SHIMMY_CPU is \"{}\", but must be one of {}.", forced,
                          names(kCpuLevels));
}

const KernelSet& kernel_set(CpuLevel level) {
  const PlatformLevel* const of = platform_level(level);
  return of == nullptr ? kScalarKernels : *of->kernels;
}

const AttentionKernels& attention_kernels(CpuLevel level) {
  const PlatformLevel* const of = platform_level(level);
  return of == nullptr ? kScalarAttention : *of->attention;
}

}  // namespace shimmy::kernels
