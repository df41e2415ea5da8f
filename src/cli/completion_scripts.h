// What shells need to complete shimmy's command lines.
#pragma once

#include <string>

#include "cli/definitions.h"

namespace shimmy::cli {

// Model names are asked of shimmy itself when they are needed.
std::string bash_completion(const ProgramDefinition& program);
std::string zsh_completion(const ProgramDefinition& program);
std::string fish_completion(const ProgramDefinition& program);

}  // namespace shimmy::cli
