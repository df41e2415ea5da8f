// How a model gets from its file into memory.
#pragma once

#include <memory>

#include "pool/pool_slot.h"

namespace shimmy::pool {

// Starts a load of the slot's model on a thread of its own; the slot is Queued from now on.
// Requires: the mutex is held, and the slot is Unloaded or Failed.
std::shared_ptr<LoadJob> start_load(const std::shared_ptr<PoolState>& pool,
                                    const std::shared_ptr<PoolSlot>& slot,
                                    const models::ModelEntry& entry,
                                    const models::LoadOptions& options);

base::Error shutting_down();

}  // namespace shimmy::pool
