// shimmy list: the models on this machine.
#pragma once

#include <string>
#include <vector>

#include "cli/command.h"
#include "cli/services.h"
#include "cli/terminal.h"

namespace shimmy::cli {

struct ListOptions {
  bool json = false;
  bool names_only = false;
  bool all = false;  // broken files too, with their reasons
  std::vector<std::string> model_dirs;
};

// Returns the exit code: 0 even where there is no model.
int list(const ListOptions& options, Terminal& terminal, const Services& services);

Command list_command();

}  // namespace shimmy::cli
