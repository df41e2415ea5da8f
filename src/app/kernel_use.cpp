#include "app/kernel_use.h"

#include <fmt/core.h>

#include <algorithm>
#include <iterator>
#include <span>

#include "kernels/file_weights.h"
#include "kernels/weight_type.h"

namespace shimmy::app {

std::optional<kernels::Choice> parse_kernels(std::string_view word) {
  const auto* const found = std::ranges::find(kKernelChoices, word);
  if (found == kKernelChoices.end()) return std::nullopt;
  return static_cast<kernels::Choice>(std::distance(kKernelChoices.begin(), found));
}

namespace {

// Each matrix is filled up with rows of zeros to whole cells.
std::uint64_t filled_bytes(const gguf::Tensor& tensor) {
  const std::uint64_t rows = tensor.dimensions[1];
  if (rows == 0) return tensor.bytes;
  const std::uint64_t filled = (rows + kernels::kCellRows - 1) / kernels::kCellRows;
  return tensor.bytes / rows * filled * kernels::kCellRows;
}

}  // namespace

pool::PackedBytes packed_weights(kernels::Choice choice) {
  const auto level = kernels::choose_kernels(choice);
  if (!level || !*level) return {};
  return [](const gguf::Tensor& tensor) -> std::uint64_t {
    const bool is_taken = kernels::is_taken(
        tensor.name, tensor.type->id, std::span(tensor.dimensions).first(tensor.dimension_count));
    return is_taken ? filled_bytes(tensor) : 0;
  };
}

base::Result<KernelUse> expected_kernels(kernels::Choice choice) {
  const auto level = kernels::choose_kernels(choice);
  if (!level) return std::unexpected(level.error());
  return KernelUse{kernels::description(*level), *level ? kernels::forced_level() : "", {}};
}

std::vector<WeightGroup> weight_groups(const KernelUse& use) {
  std::vector<WeightGroup> groups;
  for (const kernels::Placement& weight : use.weights) {
    auto same = std::ranges::find_if(groups, [&](const WeightGroup& other) {
      return other.type == weight.type && other.reason == weight.reason;
    });
    if (same == groups.end())
      same = groups.insert(groups.end(), WeightGroup{weight.type, weight.reason, {}});
    same->tensors.push_back(weight.tensor);
  }
  return groups;
}

std::string summary(const KernelUse& use) {
  if (use.weights.empty()) return fmt::format("all matrices by {}", use.kernels);
  std::size_t ours = 0;
  std::string left;
  for (const WeightGroup& group : weight_groups(use)) {
    if (group.reason.empty()) ours += group.tensors.size();
    else
      left += fmt::format("; {} by ggml: {} ({})", group.tensors.size(), group.reason, group.type);
  }
  return fmt::format("{} of {} matrices by {}{}", ours, use.weights.size(), use.kernels, left);
}

}  // namespace shimmy::app
