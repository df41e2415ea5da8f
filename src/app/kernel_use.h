// Which kernels multiply on the CPU, as users ask for it and are told.
#pragma once

#include <array>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "kernels/install.h"
#include "pool/repacked_types.h"

namespace shimmy::app {

// In the order of kernels::Choice.
inline constexpr std::array<std::string_view, 3> kKernelChoices{"auto", "ggml", "shimmy"};

std::optional<kernels::Choice> parse_kernels(std::string_view word);

// What a load will copy for the kernels of this choice, as they lay it out. Empty where ggml's will
// multiply.
pool::PackedBytes packed_weights(kernels::Choice choice);

// The kernels of this process, and the weights of the model loaded last.
struct KernelUse {
  std::string kernels;  // "shimmy (avx512-vnni)", "ggml"
  std::string forced;   // the value of SHIMMY_CPU; empty: it is not set
  std::vector<kernels::Placement>
      weights;  // matrices in the order of the file; empty: ggml's alone
};

// Before anything is loaded. Fails as a load with this choice would.
base::Result<KernelUse> expected_kernels(kernels::Choice choice);

// "210 of 211 matrices by shimmy (avx512-vnni); 1 by ggml: type F32", in one line.
std::string summary(const KernelUse& use);

// The weights of one type that have the same kernels, for the same reason.
struct WeightGroup {
  std::string type;
  std::string reason;  // why ggml's kernels multiply them; empty: ours do
  std::vector<std::string> tensors;
};
std::vector<WeightGroup> weight_groups(const KernelUse& use);  // in the order of the file

}  // namespace shimmy::app
