#include "pool/memory_estimate.h"

#include <algorithm>

namespace shimmy::pool {
namespace {

using generation::CacheType;

constexpr std::uint64_t kCellStep = 256;  // libllama makes contexts in multiples of it
constexpr std::uint64_t kFloat = 4;
constexpr std::uint64_t kHalf = 2;

std::uint64_t bytes_of(CacheType type, std::uint64_t values) {
  constexpr std::uint64_t block = 32;
  switch (type) {
    case CacheType::F32: return values * 4;
    case CacheType::F16:
    case CacheType::Bf16: return values * 2;
    case CacheType::Q80: return values / block * 34;
    case CacheType::Q51: return values / block * 24;
    case CacheType::Q50: return values / block * 22;
    case CacheType::Q41: return values / block * 20;
    case CacheType::Q40: return values / block * 18;
  }
  return values * 2;
}

std::uint64_t cells_of(const MemoryPlan& plan) {
  return (plan.context_tokens + kCellStep - 1) / kCellStep * kCellStep;
}

std::uint64_t weights(const MemoryShape& shape, bool mmap) {
  const std::uint64_t copies = shape.repacked_bytes + shape.twice_bytes;
  if (mmap && is_worth_mapping(shape)) return shape.mapped_bytes + copies;
  return shape.tensor_bytes + shape.twice_bytes;
}

std::uint64_t kv_cache(const MemoryShape& shape, const MemoryPlan& plan) {
  const std::uint64_t sequences = std::max<std::uint64_t>(1, plan.sequences);
  std::uint64_t cell = 0;
  std::uint64_t states = 0;
  for (const LayerShape& layer : shape.layers) {
    cell += bytes_of(plan.key_type, layer.key_values);
    cell += bytes_of(plan.value_type, layer.value_values);
    states += (layer.state_values + layer.window_values) * sequences * kFloat;
  }
  return cell * cells_of(plan) + states;
}

bool has_cells(const MemoryShape& shape) {
  return std::ranges::any_of(shape.layers, [](const LayerShape& l) { return l.key_values > 0; });
}

// libllama keeps one buffer for the largest layer, and for the outputs after the last. What says
// which cells a row may see is as wide as the context.
std::uint64_t compute(const MemoryShape& shape, const MemoryPlan& plan) {
  const std::uint64_t cells = cells_of(plan);
  const std::uint64_t rows = std::min<std::uint64_t>(plan.batch_rows, cells);
  const std::uint64_t outputs = std::min<std::uint64_t>(plan.sequences, rows);
  std::uint64_t largest = 0;
  for (const LayerShape& layer : shape.layers) {
    largest = std::max(largest, layer.row_values * rows + layer.sequence_values * plan.sequences);
  }
  const std::uint64_t of_cells = shape.has_window ? 2 : 1;
  const std::uint64_t masks = has_cells(shape) ? of_cells : 0;
  const std::uint64_t within = largest * kFloat + masks * cells * rows * kHalf;
  const std::uint64_t logits = shape.vocabulary_size * outputs * kFloat;
  const std::uint64_t after = logits + shape.embedding_size * (rows + outputs) * kFloat;
  return std::max(within, after) + logits;  // which are copied to where they can be read
}

}  // namespace

bool is_worth_mapping(const MemoryShape& shape) {
  return shape.repacked_bytes * 4 < shape.tensor_bytes;
}

generation::EngineMemory estimate(const MemoryShape& shape, const MemoryPlan& plan) {
  return {.weights = weights(shape, plan.mmap),
          .kv_cache = kv_cache(shape, plan),
          .compute = compute(shape, plan)};
}

std::size_t largest_context(const MemoryShape& shape, MemoryPlan plan, std::uint64_t bytes,
                            std::size_t longest) {
  const auto fits = [&](std::size_t steps) {
    plan.context_tokens = steps * kCellStep;
    return estimate(shape, plan).total() <= bytes;
  };
  std::size_t low = 0;  // fits
  std::size_t high = (longest + kCellStep - 1) / kCellStep + 1;
  while (high - low > 1) {
    const std::size_t middle = low + (high - low) / 2;
    (fits(middle) ? low : high) = middle;
  }
  return std::min(low * kCellStep, longest);
}

}  // namespace shimmy::pool
