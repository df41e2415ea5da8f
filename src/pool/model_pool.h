// The models in memory: each is loaded once, whoever asks, and leaves when its memory is wanted or
// nobody has asked for it for long.
#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <stop_token>
#include <vector>

#include "base/clock.h"
#include "base/error.h"
#include "generation/engine.h"
#include "models/model_entry.h"
#include "pool/caretaker.h"
#include "pool/engine_factory.h"
#include "pool/model_status.h"
#include "pool/pool_slot.h"

namespace shimmy::pool {

enum class UnloadKind {
  Drain,  // running requests finish first
  Force,  // they are cut
};

// Any thread may call any member; the clock must outlive the pool.
//
// Models on the same weights share one engine where they are configured to be loaded alike: other
// names, system messages or sampling need no memory. Where their context, parallel requests, types
// of the cache or GPU layers differ, each has an engine, and weights, of its own: so that each has
// what it says, whichever is asked for first. A changed configuration acts on the next load.
//
// Memory: a load waits until the budget has room for what it is forecast to need. Loads get memory
// in the order they came. The first in line makes others go: idle models first, the one used
// longest ago first, then busy ones; pinned ones never. A busy model that is to go finishes its
// requests; new ones for it wait until it is loaded again, behind the load that waits. So neither
// side starves, and no request is cut.
class ModelPool {
 public:
  // How long a failure is answered again without another try, unless the file has changed or is
  // asked for with other options.
  static constexpr std::chrono::seconds kFailureMemory{5};

  ModelPool(EngineFactory factory, const base::Clock& clock, PoolOptions options = {});
  ~ModelPool();  // as stop(); requires that nobody is inside another member

  // The engine of that model, loaded if need be: blocks meanwhile. The model counts as used, and
  // stays, until the last copy of the pointer is gone; do not drop that on the engine's own thread.
  // Of a loaded model, `options` change keep_alive and the pin only. Callers that come during a
  // load get the same answer; when all of them have left, by `stop`, it is aborted. Fails with what
  // the factory says, ModelLoadFailed (reason "insufficient_memory" where it cannot fit), Cancelled
  // (after `stop`) or Unavailable (after drain()).
  base::Result<std::shared_ptr<generation::Engine>> acquire(const models::ModelEntry& entry,
                                                            const models::LoadOptions& options = {},
                                                            const std::stop_token& stop = {});

  // As acquire(), but a model that was loaded with other options is drained and loaded anew.
  // `progress` is called on some thread, never after the return; its answer does not matter.
  base::Result<ModelStatus> load(const models::ModelEntry& entry,
                                 const models::LoadOptions& options,
                                 const LoadProgress& progress = {},
                                 const std::stop_token& stop = {});

  // Blocks until the model is out of memory, or `stop` is requested. Drain lets a load that runs
  // come to its end first, Force aborts it.
  ModelStatus unload(const models::ModelEntry& entry, UnloadKind how,
                     const std::stop_token& stop = {});

  ModelStatus status(const models::ModelEntry& entry) const;
  std::vector<ModelStatus> statuses() const;  // of all that are not Unloaded; sorted by name

  std::size_t loaded() const;  // Ready or Draining

  // What the configuration says from now on: `usual` of models of which `of_model`, called without
  // a lock, says nothing. It acts on loads to come, and on models in memory unless a load or a
  // request has asked for another.
  using ConfiguredKeepAlive =
      std::function<std::optional<models::KeepAlive>(const models::ModelEntry& entry)>;
  void configure_keep_alive(models::KeepAlive usual, const ConfiguredKeepAlive& of_model);

  // Lets go what is due by the clock; a thread of the pool does it in time, too. Does not wait.
  void expire_now();

  // Refuses from now on; aborts loads; drains every engine. Does not wait.
  void drain();

  // Blocks until every engine is idle, or `stop` is requested. True when all are.
  bool wait_idle(const std::stop_token& stop = {});

  // drain(), and lets go of the engines: they stop when their last user does.
  void stop();

 private:
  // Counts a user of the slot's engine once that is there.
  base::Result<std::shared_ptr<PoolSlot>> enter(const models::ModelEntry& entry,
                                                const models::LoadOptions& options,
                                                const LoadProgress& progress,
                                                const std::stop_token& stop);
  std::vector<std::shared_ptr<generation::Engine>> engines() const;

  const std::shared_ptr<PoolState> pool_;
  Caretaker caretaker_;
};

}  // namespace shimmy::pool
