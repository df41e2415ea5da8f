// From arguments to the command that they name.
#pragma once

#include <functional>
#include <span>
#include <string>

#include "base/log.h"
#include "cli/services.h"
#include "cli/terminal.h"

namespace shimmy::cli {

// Made once the arguments are understood, and only for commands that need them.
using ServicesFactory = std::function<Services(const base::Logger& log)>;

// Returns the exit code.
int dispatch(std::span<const std::string> arguments, Terminal& terminal,
             const ServicesFactory& make_services);

}  // namespace shimmy::cli
