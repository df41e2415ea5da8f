// How a model stands: in memory or not, and how much of it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "generation/engine.h"
#include "models/load_options.h"

namespace shimmy::pool {

enum class ModelState {
  Unloaded,
  Queued,  // waits for memory, or for its turn to load
  Loading,
  Ready,
  Draining,  // finishes its requests, then is unloaded
  Failed,    // the last load failed, and is not tried again for a short while
};

// A snapshot.
struct ModelStatus {
  std::string name;  // the catalog's
  ModelState state = ModelState::Unloaded;
  std::vector<std::string> shares_with;  // models that use the same engine; sorted
  float progress = 0;                    // 0 to 1, while Loading
  std::string reason;                    // of Failed
  generation::EngineLoad load;           // zero unless Ready or Draining
  generation::EngineMemory memory;
  std::size_t waiting = 0;                // requests that wait for the load
  std::size_t context_limit = 0;          // tokens that the context may grow to
  std::optional<std::int64_t> last_used;  // Unix seconds; empty: not since it was loaded
  models::KeepAlive keep_alive;
  bool pinned = false;
};

}  // namespace shimmy::pool
