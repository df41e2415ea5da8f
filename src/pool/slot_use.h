// Who uses a loaded model, and how it leaves memory when nobody does.
#pragma once

#include <cstdint>
#include <memory>

#include "pool/memory_budget.h"
#include "pool/pool_slot.h"

namespace shimmy::pool {

// Nobody holds the engine, and no request runs or waits in it. With the mutex held.
bool is_idle(const PoolSlot& slot);

// The engine for one user, who has been counted already. Its last copy ends the use: from then on
// the model counts as unused. May outlive the pool. With the mutex held.
std::shared_ptr<generation::Engine> lease(const std::shared_ptr<PoolState>& pool,
                                          const std::shared_ptr<PoolSlot>& slot);

// Waits for requests that nobody listens to any more, destroys the engine, and gives the memory
// back. Requires: the slot is Draining without users, the caller has set is_going, and does not
// hold the mutex.
void let_go(PoolState& pool, PoolSlot& slot);

// Lets idle models go until `bytes` more are free, for a model that grows. False: they are not
// enough, and all stay. Never waits for a request. Without the mutex.
bool make_room(PoolState& pool, std::uint64_t bytes, const BudgetClaim& grower);

// What make_room() could free.
std::uint64_t idle_bytes(PoolState& pool, const BudgetClaim& grower);

}  // namespace shimmy::pool
