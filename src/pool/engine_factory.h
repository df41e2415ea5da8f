// The seam between the pool of models and what loads one.
#pragma once

#include <functional>
#include <memory>

#include "base/error.h"
#include "generation/engine.h"
#include "generation/memory_claim.h"
#include "models/load_options.h"
#include "models/model_entry.h"

namespace shimmy::pool {

// Called while a model loads, with the share that is done (0 to 1), on the loading thread. False
// aborts the load.
using LoadProgress = std::function<bool(float done)>;

struct LoadRequest {
  models::ModelEntry entry;
  models::LoadOptions options = {};
  LoadProgress progress = {};  // may be empty
  // Holds what the load was estimated to need at first; the engine raises it before its context
  // grows. Null: no budget.
  std::shared_ptr<generation::MemoryClaim> memory = {};
};

// Loads a model and starts its engine; blocks meanwhile. Fails with ModelLoadFailed.
using EngineFactory =
    std::function<base::Result<std::shared_ptr<generation::Engine>>(const LoadRequest& request)>;

}  // namespace shimmy::pool
