// What a context of another size would take of the memory. Pure.
#pragma once

#include <cstddef>
#include <cstdint>

#include "generation/engine.h"

namespace shimmy::scheduler {

// A context as it was measured.
struct ContextSample {
  std::size_t cells = 0;  // at least 1
  generation::EngineMemory memory;
  std::uint64_t mask_bytes = 0;  // that each further cell adds to the compute buffers
};

// What the attention masks of a pass of so many rows take for each cell.
std::uint64_t mask_bytes(std::size_t rows);

// Takes the cache to grow with the cells: right for attention, too much where states, which do not
// grow, are a part of it. Of the buffers only the masks grow.
generation::EngineMemory forecast(const ContextSample& known, std::size_t cells);

// The most cells, of whole kCellStep, of a context that takes `bytes` beside the weights.
std::size_t cells_within(const ContextSample& known, std::uint64_t bytes);

// libllama makes contexts of whole multiples of this.
constexpr std::size_t kCellStep = 256;

std::size_t rounded_to_step(std::size_t cells);  // up

}  // namespace shimmy::scheduler
