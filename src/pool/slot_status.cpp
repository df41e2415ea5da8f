#include "pool/slot_status.h"

#include "pool/load_job.h"
#include "pool/model_pool.h"
#include "pool/slot_lookup.h"

namespace shimmy::pool {

bool has_failed(const PoolState& pool, const PoolSlot& slot) {
  return slot.state == ModelState::Failed &&
         pool.clock->now() - slot.failed_at < ModelPool::kFailureMemory;
}

bool is_answered_by_failure(const PoolState& pool, const PoolSlot& slot,
                            const models::ModelEntry& entry, const models::LoadOptions& options) {
  return has_failed(pool, slot) && slot.entry.size_bytes == entry.size_bytes &&
         slot.entry.modified == entry.modified &&
         for_engine(slot.options) == for_engine(models::merged(options, entry.defaults.load));
}

ModelStatus status_of(const PoolState& pool, const PoolSlot& slot, const std::string& name) {
  ModelStatus status;
  status.name = name;
  status.state = slot.state;
  if (slot.state == ModelState::Failed && !has_failed(pool, slot)) {
    status.state = ModelState::Unloaded;
  }
  if (status.state == ModelState::Unloaded) return status;
  if (status.state == ModelState::Failed) {
    status.reason = slot.error.message;
    return status;
  }
  for (const std::string& other : slot.names) {
    if (other != name) status.shares_with.push_back(other);
  }
  status.progress = slot.progress;
  status.waiting = slot.waiting + (slot.job ? slot.job->waiters : 0);
  status.context_limit = slot.context_limit;
  status.memory = slot.expected;
  status.keep_alive = slot.keep_alive;
  status.pinned = slot.pinned;
  if (!slot.engine) return status;
  status.load = slot.engine->load();
  if (status.load.memory.total() > 0) status.memory = status.load.memory;
  status.context_limit = slot.engine->facts().context_tokens;
  status.last_used = slot.last_used_unix;
  return status;
}

}  // namespace shimmy::pool
