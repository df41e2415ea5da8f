// shimmy probe: does this model work here, and how fast?
#pragma once

#include <string>
#include <vector>

#include "app/options.h"
#include "cli/command.h"
#include "cli/services.h"
#include "cli/terminal.h"

namespace shimmy::cli {

struct ProbeOptions {
  std::string model;  // name or path; empty: choose_model decides
  bool json = false;
  std::vector<std::string> model_dirs;
  app::ModelOptions engine;
};

// Loads the model and generates a few tokens. Returns 0, or 2 where anything failed.
int probe(const ProbeOptions& options, Terminal& terminal, const Services& services);

Command probe_command();

}  // namespace shimmy::cli
