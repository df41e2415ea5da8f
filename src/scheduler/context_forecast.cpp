#include "scheduler/context_forecast.h"

#include <algorithm>

namespace shimmy::scheduler {

// Half floats, and a second mask for layers with a window.
std::uint64_t mask_bytes(std::size_t rows) { return std::uint64_t{2} * 2 * rows; }

generation::EngineMemory forecast(const ContextSample& known, std::size_t cells) {
  generation::EngineMemory memory = known.memory;
  memory.kv_cache =
      static_cast<std::uint64_t>(static_cast<double>(known.memory.kv_cache) *
                                 static_cast<double>(cells) / static_cast<double>(known.cells));
  if (cells > known.cells) memory.compute += (cells - known.cells) * known.mask_bytes;
  return memory;
}

std::size_t cells_within(const ContextSample& known, std::uint64_t bytes) {
  const auto cells = static_cast<double>(known.cells);
  const auto mask = static_cast<double>(known.mask_bytes);
  const double each = static_cast<double>(known.memory.kv_cache) / cells + mask;
  if (each <= 0) return SIZE_MAX / kCellStep * kCellStep;
  const double spare =
      static_cast<double>(bytes) - static_cast<double>(known.memory.compute) + cells * mask;
  return static_cast<std::size_t>(std::max(0.0, spare / each)) / kCellStep * kCellStep;
}

std::size_t rounded_to_step(std::size_t cells) {
  return (cells + kCellStep - 1) / kCellStep * kCellStep;
}

}  // namespace shimmy::scheduler
