// shimmy completion: a script that teaches a shell shimmy's commands and flags.
#pragma once

#include <string>

#include "cli/command.h"

namespace shimmy::cli {

struct CompletionOptions {
  std::string shell;
};

// Returns the exit code: 2 for a shell that it does not know.
int completion(const CompletionOptions& options, Terminal& terminal, const Services& services);

Command completion_command();

}  // namespace shimmy::cli
