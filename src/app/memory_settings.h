// What is set about the memory of models.
#pragma once

#include <cstdint>

#include "app/options.h"
#include "pool/memory_forecast.h"

namespace shimmy::app {

// What models may take of the memory.
std::uint64_t budget_bytes(const ServeOptions& options);

// What a model will take. A load with other options asks for them.
pool::MemoryForecaster memory_forecaster(const ServeOptions& options);

}  // namespace shimmy::app
