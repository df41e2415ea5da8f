// What outsiders see of a slot.
#pragma once

#include <string>

#include "pool/model_status.h"
#include "pool/pool_slot.h"

namespace shimmy::pool {

// As a model of that name sees it. With the mutex held.
ModelStatus status_of(const PoolState& pool, const PoolSlot& slot, const std::string& name);

// Whether the slot's last load failed a short while ago. With the mutex held.
bool has_failed(const PoolState& pool, const PoolSlot& slot);

// Whether that failure answers this caller, too: the same file was to be loaded in the same way.
// With the mutex held.
bool is_answered_by_failure(const PoolState& pool, const PoolSlot& slot,
                            const models::ModelEntry& entry, const models::LoadOptions& options);

}  // namespace shimmy::pool
