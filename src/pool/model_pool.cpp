#include "pool/model_pool.h"

#include <algorithm>
#include <list>
#include <optional>
#include <utility>

#include "base/waiting.h"
#include "pool/load_job.h"
#include "pool/load_wait.h"
#include "pool/slot_lookup.h"
#include "pool/slot_status.h"
#include "pool/slot_use.h"

namespace shimmy::pool {

using base::ErrorCode;
using generation::Engine;
using EngineResult = base::Result<std::shared_ptr<Engine>>;
using SlotResult = base::Result<std::shared_ptr<PoolSlot>>;
using Lock = std::unique_lock<std::mutex>;

namespace {

base::Error gone(const models::ModelEntry& entry) {
  return {ErrorCode::Cancelled,
          fmt::format("The request was given up before {} was loaded.", entry.name),
          {},
          {}};
}

void apply(const models::LoadOptions& options, PoolSlot& slot) {
  if (options.keep_alive) {
    slot.keep_alive = *options.keep_alive;
    slot.is_keep_alive_asked = true;
  }
  if (options.pinned) slot.pinned = *options.pinned;
}

template <class T>
bool asks_for_another(const std::optional<T>& asked, const std::optional<T>& had) {
  return asked && asked != had;
}

bool needs_new_load(const models::LoadOptions& asked, const models::LoadOptions& had) {
  return asks_for_another(asked.context_tokens, had.context_tokens) ||
         asks_for_another(asked.parallel, had.parallel) ||
         asks_for_another(asked.key_type, had.key_type) ||
         asks_for_another(asked.value_type, had.value_type) ||
         asks_for_another(asked.gpu_layers, had.gpu_layers);
}

// As its next load will be.
ModelStatus unloaded(const models::ModelEntry& entry) {
  return {.name = entry.name,
          .context_limit = entry.defaults.load.context_tokens.value_or(entry.context_tokens)};
}

ModelStatus status_for(const PoolState& pool, const PoolSlot& slot,
                       const models::ModelEntry& entry) {
  ModelStatus status = status_of(pool, slot, entry.name);
  return status.state == ModelState::Unloaded ? unloaded(entry) : status;
}

// Ends the requests that run.
void cut(PoolState& pool, PoolSlot& slot, Lock& lock) {
  std::shared_ptr<Engine> engine = slot.engine;
  if (!engine) return;
  ++slot.users;  // it is not destroyed meanwhile
  lock.unlock();
  engine->stop();
  engine.reset();
  lock.lock();
  if (--slot.users == 0) pool.changed.notify_all();
}

}  // namespace

ModelPool::ModelPool(EngineFactory factory, const base::Clock& clock, PoolOptions options)
    : pool_(std::make_shared<PoolState>(std::move(factory), clock, std::move(options))),
      caretaker_(pool_) {
  MemoryBudget* budget = pool_->options.budget;
  if (budget == nullptr) return;
  // Claims may outlive the pool, and it them.
  const std::weak_ptr<PoolState> weak = pool_;
  budget->set_on_release([weak] {
    if (const auto pool = weak.lock()) {
      const std::lock_guard lock(pool->mutex);
      pool->changed.notify_all();
    }
  });
  budget->set_room({.make =
                        [weak](std::uint64_t bytes, const BudgetClaim& grower) {
                          const auto pool = weak.lock();
                          return pool && make_room(*pool, bytes, grower);
                        },
                    .idle_bytes =
                        [weak](const BudgetClaim& grower) {
                          const auto pool = weak.lock();
                          return pool ? idle_bytes(*pool, grower) : 0;
                        }});
}

ModelPool::~ModelPool() { stop(); }

SlotResult ModelPool::enter(const models::ModelEntry& entry, const models::LoadOptions& options,
                            const LoadProgress& progress, const std::stop_token& stop) {
  Lock lock(pool_->mutex);
  while (true) {
    if (pool_->is_draining) return std::unexpected(shutting_down());
    if (stop.stop_requested()) return std::unexpected(gone(entry));
    std::shared_ptr<PoolSlot> slot = slot_for(*pool_, entry);
    switch (slot->state) {
      case ModelState::Ready:
        apply(options, *slot);
        ++slot->users;
        return slot;
      case ModelState::Draining: {
        const base::Waiting waiting;
        ++slot->waiting;
        pool_->changed.wait(
            lock, stop, [&] { return slot->state != ModelState::Draining || pool_->is_draining; });
        --slot->waiting;
        break;
      }
      case ModelState::Failed:
        if (is_answered_by_failure(*pool_, *slot, entry, options)) {
          return std::unexpected(slot->error);
        }
        [[fallthrough]];
      case ModelState::Unloaded:
        start_load(pool_, slot, entry, slot->next_options.value_or(options));
        break;
      case ModelState::Queued:
      case ModelState::Loading:
        if (auto result = wait_for_load(*pool_, lock, slot->job, progress, stop)) {
          if (*result) apply(options, *slot);
          return *result;
        }
        break;
    }
  }
}

EngineResult ModelPool::acquire(const models::ModelEntry& entry, const models::LoadOptions& options,
                                const std::stop_token& stop) {
  auto slot = enter(entry, options, {}, stop);
  if (!slot) return std::unexpected(std::move(slot).error());
  const std::lock_guard lock(pool_->mutex);
  if (!(*slot)->engine) return std::unexpected(shutting_down());
  return lease(pool_, *slot);
}

base::Result<ModelStatus> ModelPool::load(const models::ModelEntry& entry,
                                          const models::LoadOptions& options,
                                          const LoadProgress& progress,
                                          const std::stop_token& stop) {
  while (true) {
    auto slot = enter(entry, options, progress, stop);
    if (!slot) return std::unexpected(std::move(slot).error());
    std::shared_ptr<Engine> use;  // ends without the mutex
    const std::lock_guard lock(pool_->mutex);
    if (!(*slot)->engine) return std::unexpected(shutting_down());
    use = lease(pool_, *slot);
    if (!needs_new_load(options, (*slot)->options)) return status_of(*pool_, **slot, entry.name);
    if ((*slot)->state != ModelState::Ready) continue;
    (*slot)->state = ModelState::Draining;
    (*slot)->next_options = options;
    pool_->changed.notify_all();
  }
}

ModelStatus ModelPool::unload(const models::ModelEntry& entry, UnloadKind how,
                              const std::stop_token& stop) {
  Lock lock(pool_->mutex);
  const std::shared_ptr<PoolSlot> slot = known_slot(*pool_, entry);
  if (!slot) return unloaded(entry);
  const auto outcome = [&] { return status_for(*pool_, *slot, entry); };
  const base::Waiting waiting;
  if (const std::shared_ptr<LoadJob> job = slot->job) {
    if (how == UnloadKind::Force) job->aborted = true;
    pool_->changed.notify_all();
    if (!pool_->changed.wait(lock, stop, [&] { return job->done; })) return outcome();
  }
  if (slot->state == ModelState::Ready) slot->state = ModelState::Draining;
  if (slot->state != ModelState::Draining) return outcome();
  const std::uint64_t load = slot->loads;
  pool_->changed.notify_all();
  if (how == UnloadKind::Force) cut(*pool_, *slot, lock);
  pool_->changed.wait(lock, stop, [&] {
    return slot->state != ModelState::Draining || slot->loads != load || pool_->is_draining;
  });
  return outcome();
}

ModelStatus ModelPool::status(const models::ModelEntry& entry) const {
  const std::lock_guard lock(pool_->mutex);
  const auto slot = known_slot(*pool_, entry);
  return slot ? status_for(*pool_, *slot, entry) : unloaded(entry);
}

std::vector<ModelStatus> ModelPool::statuses() const {
  std::vector<ModelStatus> result;
  {
    const std::lock_guard lock(pool_->mutex);
    for (const auto& [path, slot] : pool_->slots) {
      for (const std::string& name : slot->names) {
        ModelStatus status = status_of(*pool_, *slot, name);
        if (status.state != ModelState::Unloaded) result.push_back(std::move(status));
      }
    }
  }
  std::ranges::sort(result, {}, &ModelStatus::name);
  return result;
}

std::vector<std::shared_ptr<Engine>> ModelPool::engines() const {
  const std::lock_guard lock(pool_->mutex);
  std::vector<std::shared_ptr<Engine>> result;
  for (const auto& [path, slot] : pool_->slots) {
    if (slot->engine) result.push_back(slot->engine);
  }
  return result;
}

std::size_t ModelPool::loaded() const {
  const std::lock_guard lock(pool_->mutex);
  return static_cast<std::size_t>(std::ranges::count_if(
      pool_->slots, [](const auto& known) { return known.second->engine != nullptr; }));
}

void ModelPool::configure_keep_alive(models::KeepAlive usual, const ConfiguredKeepAlive& of_model) {
  std::vector<std::pair<std::shared_ptr<PoolSlot>, models::ModelEntry>> slots;
  {
    const std::lock_guard lock(pool_->mutex);
    pool_->keep_alive = usual;
    for (const auto& [path, slot] : pool_->slots) slots.emplace_back(slot, slot->entry);
  }
  for (const auto& [slot, entry] : slots) {
    const models::KeepAlive configured = of_model(entry).value_or(usual);
    const std::lock_guard lock(pool_->mutex);
    if (!slot->is_keep_alive_asked) slot->keep_alive = configured;
  }
  pool_->changed.notify_all();
}

void ModelPool::expire_now() {
  const std::lock_guard lock(pool_->mutex);
  expire(*pool_);
}

void ModelPool::drain() {
  {
    const std::lock_guard lock(pool_->mutex);
    pool_->is_draining = true;
    pool_->changed.notify_all();
  }
  for (const auto& engine : engines()) engine->drain();
}

bool ModelPool::wait_idle(const std::stop_token& stop) {
  return std::ranges::all_of(engines(),
                             [&](const auto& engine) { return engine->wait_idle(stop); });
}

void ModelPool::stop() {
  drain();
  caretaker_.stop();
  std::list<std::shared_ptr<LoadJob>> jobs;
  std::vector<std::shared_ptr<BudgetClaim>> claims;
  std::vector<std::shared_ptr<Engine>> dropped;  // outside the mutex: an engine may take a while
  {
    const std::lock_guard lock(pool_->mutex);
    jobs.swap(pool_->jobs);
  }
  for (const auto& job : jobs) job->thread.join();
  const std::lock_guard lock(pool_->mutex);
  for (const auto& [path, slot] : pool_->slots) {
    if (slot->engine) dropped.push_back(std::move(slot->engine));
    if (slot->claim) claims.push_back(std::move(slot->claim));
  }
  pool_->slots.clear();
}

}  // namespace shimmy::pool
