// shimmy discover: looks for models now, and says what each place has, what is new and what is
// broken.
#pragma once

#include <string>
#include <vector>

#include "cli/command.h"
#include "cli/services.h"
#include "cli/terminal.h"

namespace shimmy::cli {

struct DiscoverOptions {
  bool json = false;
  bool llm_only = false;  // no models for embeddings or reranking
  std::vector<std::string> model_dirs;
};

// Returns the exit code: 0 whatever it finds.
int discover(const DiscoverOptions& options, Terminal& terminal, const Services& services);

Command discover_command();

}  // namespace shimmy::cli
