// The instruction sets that our kernels are made for, and which of them this CPU runs.
#pragma once

#include <array>
#include <cstddef>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "kernels/attention_kernels.h"
#include "kernels/kernel_set.h"

namespace shimmy::kernels {

// Of each processor from the slowest to the fastest. Avx512Bf16 differs from the one before it in
// the attention of prompts and in BF16 weights only, AmxInt8 from that in products with 8 columns
// and more, NeonI8mm in the products only.
enum class CpuLevel {
  Scalar,
  Avx2,
  AvxVnni,
  Avx512Vnni,
  Avx512Bf16,
  AmxInt8,
  NeonDotprod,
  NeonI8mm
};
inline constexpr std::array kCpuLevels = {
    CpuLevel::Scalar,     CpuLevel::Avx2,    CpuLevel::AvxVnni,     CpuLevel::Avx512Vnni,
    CpuLevel::Avx512Bf16, CpuLevel::AmxInt8, CpuLevel::NeonDotprod, CpuLevel::NeonI8mm};

// "scalar", "avx2", "avx-vnni", "avx512-vnni", "avx512-bf16", "amx-int8", "neon-dotprod",
// "neon-i8mm"
std::string_view name(CpuLevel level);

// False for a level that no machine or emulator has run: it must be asked for.
bool is_tested(CpuLevel level);

// True where prompts' attention and the products of BF16 weights round activations to bfloats.
constexpr bool rounds_to_bfloats(CpuLevel level) {
  return level == CpuLevel::Avx512Bf16 || level == CpuLevel::AmxInt8;
}

bool is_supported(CpuLevel level);

// The levels that this CPU runs, slowest first; Scalar is always among them.
std::vector<CpuLevel> supported_levels();

// The fastest supported level that is tested, or the one that `forced` names (the value of
// SHIMMY_CPU; empty: none). Fails on a name that is unknown or that this CPU cannot run.
base::Result<CpuLevel> choose_level(std::string_view forced);

// Both require: is_supported(level).
const KernelSet& kernel_set(CpuLevel level);
const AttentionKernels& attention_kernels(CpuLevel level);

}  // namespace shimmy::kernels
