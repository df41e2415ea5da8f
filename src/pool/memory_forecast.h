// What a load will take, for the pool to decide whether it may.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>

#include "base/error.h"
#include "generation/engine.h"
#include "models/load_options.h"
#include "models/model_entry.h"
#include "pool/memory_estimate.h"

namespace shimmy::pool {

struct MemoryForecast {
  generation::EngineMemory first;    // once it is loaded, with the first context
  std::size_t first_context = 0;     // tokens
  generation::EngineMemory longest;  // with a context of context_limit tokens
  std::size_t context_limit = 0;  // that the load asks for, or else what the model was trained for
  bool is_limit_asked = false;
  // The longest context with which it takes `bytes` at most; 0: none. May be empty.
  std::function<std::size_t(std::uint64_t bytes)> largest_context;
};

// Reads headers. Fails with what is wrong with the file.
using MemoryForecaster = std::function<base::Result<MemoryForecast>(
    const models::ModelEntry& entry, const models::LoadOptions& options)>;

// The forecaster for GGUF files. `plan` is for what a load does not ask for; its context is the
// first one, and `context_limit` what it may grow to (0: what the model was trained for).
MemoryForecaster gguf_forecaster(const MemoryPlan& plan, std::size_t context_limit = 0,
                                 PackedBytes packed_bytes = {});

// Why a model cannot be loaded where models may take `total` bytes in all; empty: it can. The
// failure has the reason "insufficient_memory".
base::Result<void> check_fits(const std::string& name, const MemoryForecast& forecast,
                              std::uint64_t total);

// The same for a model that others leave no room: `kept` bytes are held by pinned models.
base::Error no_room(const std::string& name, const MemoryForecast& forecast, std::uint64_t total,
                    std::uint64_t kept);

}  // namespace shimmy::pool
