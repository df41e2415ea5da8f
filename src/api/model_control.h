// What the endpoints that manage models need of them.
#pragma once

#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "models/catalog.h"
#include "models/load_options.h"
#include "pool/engine_factory.h"
#include "pool/model_status.h"

namespace shimmy::api {

enum class Unload {
  Drain,  // running requests finish first
  Force,  // they are cancelled
};

// What a new look at the directories has found.
struct Discovery {
  std::vector<models::ModelEntry> models;  // all there are, sorted by name
  std::vector<std::string> added;          // names that were not there before
  std::vector<std::string> removed;
  std::vector<models::BrokenModel> broken;
};

// Any thread may call any member. Names as ModelProvider::find takes them; functions that take one
// fail with ModelNotFound.
class ModelControl {
 public:
  virtual ~ModelControl() = default;

  // Loads the model, or gives the one in memory new options where that needs no new load. Blocks;
  // `progress` is called on some thread, and a request for `stop` leaves the load to others that
  // wait for it, or ends it. Fails with ModelLoadFailed (reason "insufficient_memory" where it
  // cannot fit), InvalidRequest or Unavailable.
  virtual base::Result<pool::ModelStatus> load(std::string_view name,
                                               const models::LoadOptions& options,
                                               const pool::LoadProgress& progress,
                                               std::stop_token stop) = 0;

  // Blocks until the model is out of memory, or `stop` is requested: then it is still Draining. A
  // model that is not loaded is fine.
  virtual base::Result<pool::ModelStatus> unload(std::string_view name, Unload how,
                                                 std::stop_token stop) = 0;

  virtual base::Result<pool::ModelStatus> status(std::string_view name) = 0;

  // Of every model that is not Unloaded, sorted by name.
  virtual std::vector<pool::ModelStatus> statuses() = 0;

  // Reads the directories now.
  virtual Discovery discover() = 0;
};

}  // namespace shimmy::api
