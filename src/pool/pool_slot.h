// The parts of a ModelPool that its threads share.
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <list>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <thread>

#include "base/clock.h"
#include "base/error.h"
#include "generation/engine.h"
#include "models/model_entry.h"
#include "pool/engine_factory.h"
#include "pool/load_group.h"
#include "pool/memory_budget.h"
#include "pool/memory_forecast.h"
#include "pool/model_status.h"

namespace shimmy::pool {

struct PoolOptions {
  models::KeepAlive keep_alive;    // at first, of models whose load says nothing else
  MemoryBudget* budget = nullptr;  // must outlive the pool; null: memory is not counted
  MemoryForecaster forecast;       // may be empty without a budget
  LoadGroups groups = {};          // may be empty
};

struct PoolSlot;

// One attempt to load a model, on a thread of its own.
struct LoadJob {
  // constant
  models::ModelEntry entry;
  models::LoadOptions options;
  std::shared_ptr<PoolSlot> slot;

  // guarded by the pool's mutex
  std::size_t waiters = 0;  // callers that will use the engine, or learn why there is none
  bool aborted = false;
  bool done = false;
  std::optional<base::Error> error;  // once done; empty: each waiter has been counted as a user
  std::thread thread;

  // Callers that want to see the progress. Its mutex is held while they are called, and never
  // together with the pool's.
  std::mutex listeners_mutex;
  std::list<LoadProgress> listeners;
};

// What somebody has asked for: weights with settings of their own. Guarded by the pool's mutex.
struct PoolSlot {
  models::ModelEntry entry;                  // that was loaded last
  std::set<std::string, std::less<>> names;  // of all models that have asked for it since
  models::LoadOptions settings;  // for_engine() of what these models are configured with
  ModelState state = ModelState::Unloaded;
  std::shared_ptr<LoadJob> job;  // while Queued or Loading
  float progress = 0;
  std::size_t waiting = 0;  // callers that wait for the model to be unloaded, to load it anew

  // while Ready or Draining
  std::shared_ptr<generation::Engine> engine;
  std::shared_ptr<BudgetClaim> claim;  // null without a budget; from Loading on
  generation::EngineMemory expected;
  std::size_t users = 0;
  std::uint64_t loads = 0;  // counts the engines
  bool is_going = false;    // somebody destroys the engine at this moment
  base::Clock::time_point last_used;
  std::optional<std::int64_t> last_used_unix;

  models::LoadOptions options;  // what the engine was loaded with
  std::size_t context_limit = 0;
  models::KeepAlive keep_alive;
  bool is_keep_alive_asked = false;  // by a load or a request: the configuration does not change it
  bool pinned = false;
  std::optional<models::LoadOptions> next_options;  // of the load that follows the draining

  // of Failed
  base::Error error;
  base::Clock::time_point failed_at;
};

// Lives as long as anybody uses one of the engines.
struct PoolState {
  PoolState(EngineFactory engine_factory, const base::Clock& pool_clock, PoolOptions pool_options)
      : factory(std::move(engine_factory)),
        clock(&pool_clock),
        options(std::move(pool_options)),
        keep_alive(options.keep_alive) {}

  const EngineFactory factory;
  const base::Clock* const clock;
  const PoolOptions options;

  std::mutex mutex;
  std::condition_variable_any changed;  // anything below
  // guarded by mutex
  std::multimap<std::string, std::shared_ptr<PoolSlot>> slots;  // by weights_of()
  std::deque<LoadJob*> line;  // loads that wait for memory; only the first may take it
  std::list<std::shared_ptr<LoadJob>> jobs;  // whose threads are not joined yet
  bool is_draining = false;                  // nothing is loaded any more
  models::KeepAlive keep_alive;              // of models whose load says nothing else
};

}  // namespace shimmy::pool
