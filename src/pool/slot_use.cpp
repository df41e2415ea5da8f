#include "pool/slot_use.h"

#include <utility>
#include <vector>

#include "base/machine.h"
#include "pool/eviction.h"

namespace shimmy::pool {

using generation::Engine;

namespace {

// One user of an engine.
class Lease {
 public:
  Lease(std::shared_ptr<PoolState> pool, std::shared_ptr<PoolSlot> slot)
      : pool_(std::move(pool)), slot_(std::move(slot)), engine_(slot_->engine) {}
  Lease(const Lease&) = delete;
  Lease& operator=(const Lease&) = delete;

  ~Lease() {
    // First, so that who finds no user holds the last reference.
    engine_.reset();
    const std::lock_guard lock(pool_->mutex);
    slot_->last_used = pool_->clock->now();
    slot_->last_used_unix = std::chrono::duration_cast<std::chrono::seconds>(
                                std::chrono::system_clock::now().time_since_epoch())
                                .count();
    if (--slot_->users == 0) pool_->changed.notify_all();
  }

  Engine* engine() const { return engine_.get(); }

 private:
  const std::shared_ptr<PoolState> pool_;
  const std::shared_ptr<PoolSlot> slot_;
  std::shared_ptr<Engine> engine_;
};

// Models that can go at once. Two that grow must not destroy each other: each would wait for the
// other's thread. With the mutex held.
std::vector<std::shared_ptr<PoolSlot>> idle_slots(const PoolState& pool,
                                                  const BudgetClaim& grower) {
  std::vector<std::shared_ptr<PoolSlot>> slots;
  for (const auto& [path, slot] : pool.slots) {
    const bool can_go = slot->state == ModelState::Ready && !slot->pinned && slot->claim &&
                        slot->claim.get() != &grower && !slot->claim->is_growing() &&
                        is_idle(*slot);
    if (can_go) slots.push_back(slot);
  }
  return slots;
}

}  // namespace

bool is_idle(const PoolSlot& slot) {
  if (slot.users > 0 || !slot.engine) return false;
  const generation::EngineLoad load = slot.engine->load();
  return load.queued + load.running + load.swapped == 0;
}

std::shared_ptr<Engine> lease(const std::shared_ptr<PoolState>& pool,
                              const std::shared_ptr<PoolSlot>& slot) {
  auto use = std::make_shared<Lease>(pool, slot);
  Engine* engine = use->engine();
  return {std::move(use), engine};
}

void let_go(PoolState& pool, PoolSlot& slot) {
  std::shared_ptr<Engine> engine;
  std::shared_ptr<BudgetClaim> claim;
  {
    const std::lock_guard lock(pool.mutex);
    engine = slot.engine;
  }
  if (!engine) return;  // the pool has been stopped meanwhile
  engine->wait_idle();
  {
    const std::lock_guard lock(pool.mutex);
    slot.engine.reset();
    claim = std::move(slot.claim);
  }
  engine.reset();
  base::return_freed_memory();  // the next model's threads allocate in other arenas
  claim.reset();
  const std::lock_guard lock(pool.mutex);
  slot.state = ModelState::Unloaded;
  slot.is_going = false;
  pool.changed.notify_all();
}

bool make_room(PoolState& pool, std::uint64_t bytes, const BudgetClaim& grower) {
  std::vector<std::shared_ptr<PoolSlot>> victims;
  {
    const std::lock_guard lock(pool.mutex);
    const auto slots = idle_slots(pool, grower);
    std::vector<EvictionCandidate> candidates;
    candidates.reserve(slots.size());
    for (std::size_t i = 0; i < slots.size(); ++i) {
      candidates.push_back({i, slots[i]->claim->bytes(), slots[i]->last_used, true});
    }
    const auto chosen = choose_victims(std::move(candidates), bytes);
    if (!chosen) return false;
    for (const std::size_t index : *chosen) {
      slots[index]->state = ModelState::Draining;
      slots[index]->is_going = true;
      victims.push_back(slots[index]);
    }
  }
  for (const auto& victim : victims) let_go(pool, *victim);
  return true;
}

std::uint64_t idle_bytes(PoolState& pool, const BudgetClaim& grower) {
  const std::lock_guard lock(pool.mutex);
  std::uint64_t sum = 0;
  for (const auto& slot : idle_slots(pool, grower)) sum += slot->claim->bytes();
  return sum;
}

}  // namespace shimmy::pool
