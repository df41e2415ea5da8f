// shimmy man: the manual page.
#pragma once

#include "cli/command.h"

namespace shimmy::cli {

struct ManOptions {};

int man(const ManOptions& options, Terminal& terminal, const Services& services);

Command man_command();

}  // namespace shimmy::cli
