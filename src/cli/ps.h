// shimmy ps: the models that a running server holds in memory.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "app/served_models.h"
#include "cli/command.h"

namespace shimmy::cli {

struct PsOptions {
  std::string server;
  bool json = false;
  bool all = false;    // those that are not loaded, too
  bool watch = false;  // again and again, until Ctrl-C
  double interval_seconds = 2;
};

// The table, for a terminal of `width` columns. `now`: Unix seconds.
std::string served_table(const std::vector<app::ServedStatus>& models, std::int64_t now,
                         std::size_t width);

// Until when the model stays in memory: "4 min", "in use", "pinned", …
std::string until_text(const app::ServedStatus& model, std::int64_t now);

// Returns the exit code.
int ps(const PsOptions& options, Terminal& terminal, const Services& services);

Command ps_command();

}  // namespace shimmy::cli
