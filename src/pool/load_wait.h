// Waiting for a load that somebody has started.
#pragma once

#include <memory>
#include <mutex>
#include <optional>
#include <stop_token>

#include "base/error.h"
#include "pool/engine_factory.h"
#include "pool/pool_slot.h"

namespace shimmy::pool {

// Waits as one of those for whom the load is done: who gets the slot is counted as a user of it.
// Empty where the slot has to be looked at anew. `lock` holds the pool's mutex, and lets it go
// meanwhile; `progress` may be empty.
std::optional<base::Result<std::shared_ptr<PoolSlot>>> wait_for_load(
    PoolState& pool, std::unique_lock<std::mutex>& lock, std::shared_ptr<LoadJob> job,
    const LoadProgress& progress, const std::stop_token& stop);

}  // namespace shimmy::pool
