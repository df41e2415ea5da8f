// All commands of the program.
#pragma once

#include <vector>

#include "cli/command.h"

namespace shimmy::cli {

std::vector<Command> commands();  // in the order of the help

}  // namespace shimmy::cli
