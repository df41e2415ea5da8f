// shimmy show: everything that is known of a model.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "app/options.h"
#include "cli/command.h"

namespace shimmy::cli {

struct ShowOptions {
  std::string model;  // name or path; empty: choose_model decides
  bool json = false;
  bool chat_template = false;  // print it, and nothing else
  std::vector<std::string> model_dirs;
  std::optional<kernels::Choice> kernels;  // for which memory is forecast; empty: as configured
};

// Returns the exit code.
int show(const ShowOptions& options, Terminal& terminal, const Services& services);

Command show_command();

}  // namespace shimmy::cli
