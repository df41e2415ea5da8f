// shimmy alias and shimmy cp: the user's own names for models.
#pragma once

#include <string>
#include <vector>

#include "cli/command.h"

namespace shimmy::cli {

struct AliasOptions {
  std::string action;  // "list", "add", "remove"; empty: list
  std::string alias;
  std::string model;  // of add
  bool json = false;
  std::vector<std::string> model_dirs;
};

// Returns the exit code.
int alias(const AliasOptions& options, Terminal& terminal, const Services& services);

Command alias_command();
Command cp_command();

}  // namespace shimmy::cli
