// shimmy rm: removes models that shimmy itself keeps.
#pragma once

#include <string>
#include <vector>

#include "cli/command.h"
#include "cli/services.h"
#include "cli/terminal.h"

namespace shimmy::cli {

struct RemoveOptions {
  std::vector<std::string> names;
  bool yes = false;  // ask nothing
};

// Returns the exit code. Removes nothing where one of the names cannot be removed.
int remove(const RemoveOptions& options, Terminal& terminal, const Services& services);

Command remove_command();

}  // namespace shimmy::cli
