#include "pool/load_job.h"

#include <pthread.h>

#include <algorithm>
#include <exception>
#include <utility>
#include <vector>

#include "pool/eviction.h"
#include "pool/slot_use.h"

namespace shimmy::pool {

using base::ErrorCode;
using EngineResult = base::Result<std::shared_ptr<generation::Engine>>;
using ClaimResult = base::Result<std::shared_ptr<BudgetClaim>>;

namespace {

base::Error unwanted(const LoadJob& job) {
  return {ErrorCode::Unavailable,
          fmt::format("The load of {} was stopped. Try again.", job.entry.name),
          {},
          {}};
}

// Why the load must not go on. With the mutex held.
std::optional<base::Error> obstacle(const PoolState& pool, const LoadJob& job) {
  if (pool.is_draining) return shutting_down();
  if (job.aborted) return unwanted(job);
  return std::nullopt;
}

// Who holds what of the budget.
struct Holdings {
  std::uint64_t going = 0;   // comes free when requests have finished
  std::uint64_t pinned = 0;  // stays
  std::uint64_t ready = 0;   // pinned or not
  std::uint64_t other = 0;   // of loads: can be evicted later
};

// With the mutex held.
Holdings holdings(const PoolState& pool) {
  Holdings bytes;
  for (const auto& [path, slot] : pool.slots) {
    if (!slot->claim) continue;
    const std::uint64_t held = slot->claim->bytes();
    if (slot->state == ModelState::Draining) bytes.going += held;
    if (slot->state != ModelState::Ready) continue;
    bytes.ready += held;
    if (slot->pinned) bytes.pinned += held;
  }
  const std::uint64_t used = pool.options.budget->used_bytes();
  bytes.other = used - std::min(used, bytes.going + bytes.ready);
  return bytes;
}

// Tells models to go, so that `missing` bytes come free. False: they cannot. With the mutex held.
bool evict(PoolState& pool, std::uint64_t missing) {
  std::vector<PoolSlot*> slots;
  std::vector<EvictionCandidate> candidates;
  for (const auto& [path, slot] : pool.slots) {
    if (slot->state != ModelState::Ready || slot->pinned || !slot->claim) continue;
    candidates.push_back({slots.size(), slot->claim->bytes(), slot->last_used, is_idle(*slot)});
    slots.push_back(slot.get());
  }
  const auto victims = choose_victims(std::move(candidates), missing);
  if (!victims) return false;
  for (const std::size_t victim : *victims) slots[victim]->state = ModelState::Draining;
  pool.changed.notify_all();
  return true;
}

// Lets the members of one group go of which there are too many beside the model. False: not yet.
// With the mutex held.
base::Result<bool> has_place(PoolState& pool, const LoadJob& job, const LoadGroup& group) {
  std::vector<PoolSlot*> slots;
  std::vector<EvictionCandidate> candidates;
  std::size_t members = 0;
  std::size_t pinned = 0;
  std::size_t going = 0;
  for (const auto& [path, slot] : pool.slots) {
    const bool is_held = slot->engine != nullptr || slot->state == ModelState::Loading;
    if (slot == job.slot || !is_held || !belongs_to(slot->entry, group)) continue;
    ++members;
    going += slot->state == ModelState::Draining ? 1 : 0;
    if (slot->state != ModelState::Ready) continue;
    pinned += slot->pinned ? 1 : 0;
    if (slot->pinned) continue;
    candidates.push_back({slots.size(), 1, slot->last_used, is_idle(*slot)});
    slots.push_back(slot.get());
  }
  if (members < group.at_most) return true;
  if (pinned >= group.at_most) {
    return base::fail(
        ErrorCode::ModelLoadFailed,
        "{} cannot be loaded: the pinned models of the group {} leave no place in it.",
        job.entry.name, group.name);
  }
  const std::size_t too_many = members - group.at_most + 1;
  if (too_many <= going) return false;
  const auto victims = choose_victims(std::move(candidates), too_many - going);
  if (!victims) return false;  // others are loading: they can go later
  for (const std::size_t victim : *victims) slots[victim]->state = ModelState::Draining;
  pool.changed.notify_all();
  return false;
}

base::Result<bool> has_place(PoolState& pool, const LoadJob& job,
                             const std::vector<LoadGroup>& groups) {
  for (const LoadGroup& group : groups) {
    if (!belongs_to(job.entry, group)) continue;
    auto place = has_place(pool, job, group);
    if (!place || !*place) return place;
  }
  return true;
}

// One look at the head of the line. Null: wait, and look again. With the mutex held.
ClaimResult try_memory(PoolState& pool, const LoadJob& job, const MemoryForecast& forecast) {
  MemoryBudget& budget = *pool.options.budget;
  const std::uint64_t needed = forecast.first.total();
  if (auto claim = budget.try_claim(needed)) return claim;
  const std::uint64_t free = budget.free_bytes();
  const std::uint64_t missing = needed - std::min(needed, free);
  const Holdings held = holdings(pool);
  if (missing <= held.going || evict(pool, missing - held.going)) return nullptr;
  if (held.other > 0 || held.pinned == 0) return nullptr;
  return std::unexpected(no_room(job.entry.name, forecast, budget.total_bytes(), held.pinned));
}

// Waits for its turn, for a place in its groups and for memory: in the order of arrival, so that a
// large model is not starved by small ones that find room at once.
ClaimResult wait_for_memory(PoolState& pool, LoadJob& job, const MemoryForecast& forecast) {
  const std::vector<LoadGroup> groups =
      pool.options.groups ? pool.options.groups() : std::vector<LoadGroup>();
  std::unique_lock lock(pool.mutex);
  job.slot->expected = forecast.first;
  job.slot->context_limit = forecast.context_limit;
  while (true) {
    if (auto error = obstacle(pool, job)) return std::unexpected(std::move(*error));
    // The budget may shrink meanwhile.
    if (auto fits = check_fits(job.entry.name, forecast, pool.options.budget->total_bytes());
        !fits) {
      return std::unexpected(std::move(fits).error());
    }
    if (pool.line.front() == &job) {
      const auto place = has_place(pool, job, groups);
      if (!place) return std::unexpected(place.error());
      auto claim = *place ? try_memory(pool, job, forecast) : ClaimResult(nullptr);
      if (claim && *claim) job.slot->claim = *claim;
      if (!claim || *claim) return claim;
    }
    pool.changed.wait(lock);
  }
}

// The claim of the load, null without a budget.
ClaimResult claim_memory(PoolState& pool, LoadJob& job) {
  if (pool.options.budget == nullptr) return nullptr;
  const auto forecast = pool.options.forecast(job.entry, job.options);
  if (!forecast) return std::unexpected(forecast.error());
  return wait_for_memory(pool, job, *forecast);
}

// Called by the factory, on the job's thread.
bool report(PoolState& pool, LoadJob& job, float done) {
  {
    const std::lock_guard lock(pool.mutex);
    if (obstacle(pool, job)) return false;
    job.slot->progress = done;
  }
  const std::lock_guard lock(job.listeners_mutex);
  for (const LoadProgress& listener : job.listeners) listener(done);
  return true;
}

EngineResult make_engine(const std::shared_ptr<PoolState>& pool, LoadJob& job) {
  auto claim = claim_memory(*pool, job);
  {
    const std::lock_guard lock(pool->mutex);
    std::erase(pool->line, &job);
    if (claim) job.slot->state = ModelState::Loading;
    pool->changed.notify_all();
  }
  if (!claim) return std::unexpected(std::move(claim).error());
  EngineResult engine =
      pool->factory({.entry = job.entry,
                     .options = job.options,
                     .progress = [&](float done) { return report(*pool, job, done); },
                     .memory = std::move(*claim)});
  if (engine && !*engine) {
    return base::fail(ErrorCode::Internal, "The factory gave no engine for {}.", job.entry.name);
  }
  return engine;
}

// A factory that throws must not leave its waiters behind.
EngineResult make_engine_or_fail(const std::shared_ptr<PoolState>& pool, LoadJob& job) {
  try {
    return make_engine(pool, job);
  } catch (const std::exception& exception) {
    return base::fail(ErrorCode::ModelLoadFailed, "The model {} could not be loaded: {}.",
                      job.entry.name, exception.what());
  }
}

// With the mutex held.
void settle(PoolState& pool, LoadJob& job, EngineResult& engine) {
  PoolSlot& slot = *job.slot;
  slot.job = nullptr;
  std::erase(pool.line, &job);  // it is still there where the forecast threw
  if (engine) {
    slot.state = ModelState::Ready;
    slot.engine = std::move(*engine);
    slot.users = job.waiters;
    slot.last_used = pool.clock->now();
    slot.last_used_unix.reset();
    ++slot.loads;
    return;
  }
  // A load that was given up says nothing about the model.
  const bool is_failure = !obstacle(pool, job);
  slot.state = is_failure ? ModelState::Failed : ModelState::Unloaded;
  slot.error = engine.error();
  slot.failed_at = pool.clock->now();
  job.error = std::move(engine).error();
}

void run(const std::shared_ptr<PoolState>& pool, const std::shared_ptr<LoadJob>& job) {
  pthread_setname_np(pthread_self(), "loader");
  EngineResult engine = make_engine_or_fail(pool, *job);
  std::shared_ptr<generation::Engine> unwanted_engine;
  std::shared_ptr<BudgetClaim> claim;
  {
    const std::lock_guard lock(pool->mutex);
    if (auto error = obstacle(*pool, *job); error && engine) {
      unwanted_engine = std::move(*engine);
      engine = std::unexpected(std::move(*error));
    }
    if (!engine) claim = std::move(job->slot->claim);
  }
  // Before anybody hears of it, so that the memory is free then.
  unwanted_engine.reset();
  claim.reset();
  const std::lock_guard lock(pool->mutex);
  if (auto error = obstacle(*pool, *job); error && !engine) engine = std::unexpected(*error);
  settle(*pool, *job, engine);
  job->done = true;
  pool->changed.notify_all();
}

}  // namespace

base::Error shutting_down() {
  return {ErrorCode::Unavailable, "The server is shutting down. Try again later.", {}, {}};
}

std::shared_ptr<LoadJob> start_load(const std::shared_ptr<PoolState>& pool,
                                    const std::shared_ptr<PoolSlot>& slot,
                                    const models::ModelEntry& entry,
                                    const models::LoadOptions& options) {
  auto job = std::make_shared<LoadJob>();
  job->entry = entry;
  job->options = models::merged(options, entry.defaults.load);
  job->slot = slot;
  slot->entry = entry;
  slot->names = {entry.name};
  slot->state = ModelState::Queued;
  slot->job = job;
  slot->progress = 0;
  slot->options = job->options;
  slot->keep_alive = job->options.keep_alive.value_or(pool->keep_alive);
  slot->is_keep_alive_asked = options.keep_alive.has_value();
  slot->pinned = job->options.pinned.value_or(false);
  slot->next_options.reset();
  pool->jobs.push_back(job);
  pool->line.push_back(job.get());
  job->thread = std::thread([pool, job] { run(pool, job); });
  return job;
}

}  // namespace shimmy::pool
