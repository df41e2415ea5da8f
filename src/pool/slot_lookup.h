// Which engine is whose: by the weights, and by what they are loaded with.
#pragma once

#include <memory>
#include <string>

#include "models/load_options.h"
#include "models/model_entry.h"
#include "pool/pool_slot.h"

namespace shimmy::pool {

// The weights that are loaded for it: other adapters are another model.
std::string weights_of(const models::ModelEntry& entry);

// Without what needs no new load.
models::LoadOptions for_engine(models::LoadOptions options);

// The slot that is this model's now, else the one that its next load may use: of the same weights
// and the same settings. Null: none. With the mutex held.
std::shared_ptr<PoolSlot> known_slot(const PoolState& pool, const models::ModelEntry& entry);

// The same for one who will use it: a new slot where there is none, and a model that finds the
// engine of another one takes part in it. With the mutex held.
std::shared_ptr<PoolSlot> slot_for(PoolState& pool, const models::ModelEntry& entry);

}  // namespace shimmy::pool
