#include "scheduler/context_forecast.h"

namespace shimmy::scheduler {
namespace {

std::uint64_t scaled(std::uint64_t bytes, std::size_t cells, std::size_t of) {
  return static_cast<std::uint64_t>(static_cast<double>(bytes) * static_cast<double>(cells) /
                                    static_cast<double>(of));
}

}  // namespace

generation::EngineMemory forecast(const ContextSample& known, std::size_t cells) {
  generation::EngineMemory memory = known.memory;
  memory.kv_cache = scaled(known.memory.kv_cache, cells, known.cells);
  memory.compute = scaled(known.memory.compute, cells, known.cells);
  return memory;
}

std::size_t cells_within(const ContextSample& known, std::uint64_t bytes) {
  const auto each = static_cast<double>(known.memory.kv_cache + known.memory.compute) /
                    static_cast<double>(known.cells);
  if (each <= 0) return SIZE_MAX / kCellStep * kCellStep;
  const double cells = static_cast<double>(bytes) / each;
  return static_cast<std::size_t>(cells) / kCellStep * kCellStep;
}

std::size_t rounded_to_step(std::size_t cells) {
  return (cells + kCellStep - 1) / kCellStep * kCellStep;
}

}  // namespace shimmy::scheduler
