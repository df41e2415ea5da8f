// shimmy serve: the server, and what it says at its start.
#pragma once

#include "app/options.h"
#include "cli/command.h"
#include "cli/services.h"
#include "cli/terminal.h"

namespace shimmy::cli {

int serve(const app::ServeOptions& options, Terminal& terminal, const Services& services);

Command serve_command();

}  // namespace shimmy::cli
