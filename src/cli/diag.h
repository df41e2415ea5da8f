// shimmy diag: looks at the machine, the models and the port, and says what is wrong.
#pragma once

#include <string>
#include <vector>

#include "cli/command.h"
#include "cli/services.h"
#include "cli/terminal.h"

namespace shimmy::cli {

struct DiagOptions {
  bool json = false;
  std::vector<std::string> model_dirs;
};

// Returns the exit code: 0 whatever it finds.
int diag(const DiagOptions& options, Terminal& terminal, const Services& services);

// Of the "flags" line of /proc/cpuinfo, those that matter for inference, upper case.
std::vector<std::string> inference_features(std::string_view flags);

Command diag_command();

}  // namespace shimmy::cli
