// The manual page, made from the definitions of the commands.
#pragma once

#include <string>

#include "cli/definitions.h"

namespace shimmy::cli {

// For man(1), section 1, in roff.
std::string man_page(const ProgramDefinition& program, const std::string& version);

}  // namespace shimmy::cli
