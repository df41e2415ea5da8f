// Loads the model of a command, with a bar on the terminal.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "app/options.h"
#include "base/error.h"
#include "cli/services.h"
#include "cli/terminal.h"
#include "generation/engine.h"
#include "models/model_entry.h"

namespace shimmy::cli {

struct Loaded {
  models::ModelEntry entry;
  std::shared_ptr<generation::Engine> engine;
  double load_ms = 0;
};

// Finds the model (see choose_model) and loads it; blocks. Ctrl-C makes it fail with Cancelled.
base::Result<Loaded> load_model(const std::string& wanted,
                                const std::vector<std::string>& model_dirs,
                                const app::ModelOptions& options, Terminal& terminal,
                                const Services& services);

}  // namespace shimmy::cli
