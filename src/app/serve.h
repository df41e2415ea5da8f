// The server: its object graph, its start and its end.
#pragma once

#include <functional>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "app/bind_address.h"
#include "app/model_pull.h"
#include "app/options.h"
#include "base/error.h"
#include "base/log.h"
#include "models/catalog.h"
#include "pool/model_pool.h"

namespace shimmy::app {

struct OfferedModels {
  std::vector<models::ModelEntry> entries;  // sorted by name
  std::string named;                        // of the one that is loaded at once; empty: none
};

// Called once, when the server accepts connections on `address` (with its true port).
using Announce = std::function<void(const BindAddress& address, const OfferedModels& models)>;

// What the server is made of and does not own.
struct ServeParts {
  std::function<models::Catalog()> scan;
  pool::EngineFactory engine_factory;
  base::Logger log;
  std::function<std::optional<bool>()> changed = {};  // see LocalModels::Changed; may be empty
  PullerFactory puller = {};                          // may be empty: nothing can be pulled

  // For reloads; what is empty is left out.
  std::function<base::Result<ServeOptions>()> read_options = {};  // again, from their sources
  std::function<void(const ServeOptions&)> options_changed = {};  // for the makers of the others
  // Calls `reload` for each SIGHUP until it is given an empty one; blocks while a call runs.
  std::function<void(std::function<void()> reload)> on_hangup = {};
};

// Runs the server until `stop` is requested, then lets running requests finish for the drain
// timeout. Sockets that a service manager has opened are served in place of the address, and the
// manager is told when the server is ready and when it stops. Blocks. Fails where the address
// cannot be bound (the message names a free port) or the model to load at once cannot be loaded.
base::Result<void> serve(const ServeOptions& options, const ServeParts& parts,
                         const Announce& ready, std::stop_token stop);

}  // namespace shimmy::app
