// The models in memory: each is loaded once, whoever asks.
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <stop_token>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/error.h"
#include "generation/engine.h"
#include "models/engine_factory.h"
#include "models/model_entry.h"

namespace shimmy::models {

// Any thread may call any member. The clock must outlive the pool.
class ModelPool {
 public:
  ModelPool(EngineFactory factory, const base::Clock& clock);
  ~ModelPool();  // as stop(); requires that nobody is inside acquire()

  // The engine of that model. The first caller loads it and blocks meanwhile; callers that come
  // during the load wait for it and get the same answer. A failure is answered again for
  // kFailureMemory without another try, unless the file has changed. Fails with what the factory
  // says, or Unavailable after drain().
  base::Result<std::shared_ptr<generation::Engine>> acquire(const ModelEntry& entry);

  std::size_t loaded() const;

  // Refuses from now on; aborts loads; drains every engine. Does not wait.
  void drain();

  // Blocks until every engine is idle, or `stop` is requested. True when all are.
  bool wait_idle(const std::stop_token& stop = {});

  // drain(), and lets go of the engines: they stop when their last user does.
  void stop();

  static constexpr std::chrono::seconds kFailureMemory{5};

 private:
  struct Slot {
    enum class State { Loading, Loaded, Failed };
    State state = State::Loading;
    std::shared_ptr<generation::Engine> engine;
    base::Error error;
    base::Clock::time_point failed_at;
    std::uint64_t size_bytes = 0;  // of the file that failed
    std::int64_t modified = 0;
  };
  using Slots = std::map<std::string, std::shared_ptr<Slot>, std::less<>>;

  bool is_remembered(const Slot& slot, const ModelEntry& entry) const;
  base::Result<std::shared_ptr<generation::Engine>> load(const ModelEntry& entry,
                                                         const std::shared_ptr<Slot>& slot);
  std::vector<std::shared_ptr<generation::Engine>> engines() const;

  const EngineFactory factory_;
  const base::Clock& clock_;
  mutable std::mutex mutex_;
  std::condition_variable loaded_or_failed_;
  Slots slots_;            // by path; guarded by mutex_
  bool draining_ = false;  // guarded by mutex_
};

}  // namespace shimmy::models
