// Bare shimmy on a terminal: how things stand, and what to do next.
#pragma once

#include "cli/services.h"
#include "cli/terminal.h"

namespace shimmy::cli {

int status(Terminal& terminal, const Services& services);  // returns the exit code

}  // namespace shimmy::cli
