#include "app/kernel_use.h"

#include <fmt/core.h>

#include <algorithm>
#include <iterator>
#include <span>

#include "kernels/file_weights.h"

namespace shimmy::app {

std::optional<kernels::Choice> parse_kernels(std::string_view word) {
  const auto* const found = std::ranges::find(kKernelChoices, word);
  if (found == kKernelChoices.end()) return std::nullopt;
  return static_cast<kernels::Choice>(std::distance(kKernelChoices.begin(), found));
}

pool::IsPacked packed_weights(kernels::Choice choice) {
  const auto level = kernels::choose_kernels(choice);
  if (!level || !*level) return {};
  return [](const gguf::Tensor& tensor) {
    return kernels::is_taken(tensor.name, tensor.type->id,
                             std::span(tensor.dimensions).first(tensor.dimension_count));
  };
}

base::Result<KernelUse> expected_kernels(kernels::Choice choice) {
  const auto level = kernels::choose_kernels(choice);
  if (!level) return std::unexpected(level.error());
  return KernelUse{kernels::description(*level), *level ? kernels::forced_level() : "", {}};
}

std::vector<LeftWeights> left_to_ggml(const KernelUse& use) {
  std::vector<LeftWeights> left;
  for (const kernels::Placement& weight : use.weights) {
    if (weight.reason.empty()) continue;
    auto same = std::ranges::find_if(left, [&](const LeftWeights& other) {
      return other.type == weight.type && other.reason == weight.reason;
    });
    if (same == left.end())
      same = left.insert(left.end(), LeftWeights{weight.type, weight.reason, {}});
    same->tensors.push_back(weight.tensor);
  }
  return left;
}

std::string summary(const KernelUse& use) {
  if (use.weights.empty()) return fmt::format("all matrices by {}", use.kernels);
  const auto left = left_to_ggml(use);
  std::size_t others = 0;
  for (const LeftWeights& group : left) others += group.tensors.size();
  std::string text = fmt::format("{} of {} matrices by {}", use.weights.size() - others,
                                 use.weights.size(), use.kernels);
  for (const LeftWeights& group : left) {
    text += fmt::format("; {} by ggml: {} ({})", group.tensors.size(), group.reason, group.type);
  }
  return text;
}

}  // namespace shimmy::app
