#include "kernels/cpu_level.h"

#include <fmt/format.h>

#include <algorithm>
#include <string>

namespace shimmy::kernels {
namespace {

bool has_avx2() {
  return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") &&
         __builtin_cpu_supports("f16c");
}

bool has_avx512_vnni() {
  return has_avx2() && __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
         __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vl") &&
         __builtin_cpu_supports("avx512vnni");
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
  }
  return "unknown";
}

bool is_supported(CpuLevel level) {
  switch (level) {
    case CpuLevel::Scalar: return true;
    case CpuLevel::Avx2: return has_avx2();
    case CpuLevel::AvxVnni: return has_avx2() && __builtin_cpu_supports("avxvnni");
    case CpuLevel::Avx512Vnni: return has_avx512_vnni();
    case CpuLevel::Avx512Bf16: return has_avx512_vnni() && __builtin_cpu_supports("avx512bf16");
  }
  return false;
}

std::vector<CpuLevel> supported_levels() {
  std::vector<CpuLevel> levels;
  std::ranges::copy_if(kCpuLevels, std::back_inserter(levels), is_supported);
  return levels;
}

base::Result<CpuLevel> choose_level(std::string_view forced) {
  const std::vector<CpuLevel> levels = supported_levels();
  if (forced.empty()) return levels.back();
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
  switch (level) {
    case CpuLevel::Scalar: return kScalarKernels;
    case CpuLevel::Avx2: return kAvx2Kernels;
    case CpuLevel::AvxVnni: return kAvxVnniKernels;
    case CpuLevel::Avx512Vnni: return kAvx512VnniKernels;
    case CpuLevel::Avx512Bf16: return kAvx512Bf16Kernels;
  }
  return kScalarKernels;
}

const AttentionKernels& attention_kernels(CpuLevel level) {
  switch (level) {
    case CpuLevel::Scalar: return kScalarAttention;
    case CpuLevel::Avx2: return kAvx2Attention;
    case CpuLevel::AvxVnni: return kAvxVnniAttention;
    case CpuLevel::Avx512Vnni: return kAvx512VnniAttention;
    case CpuLevel::Avx512Bf16: return kAvx512Bf16Attention;
  }
  return kScalarAttention;
}

}  // namespace shimmy::kernels
