// shimmy bench --kernels: how fast are matrices multiplied here?
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "app/kernel_speed.h"
#include "cli/services.h"
#include "cli/terminal.h"

namespace shimmy::cli {

// Measures and prints a table, or one JSON object. Returns the exit code.
int bench_kernels(const app::KernelSpeedOptions& options, bool json, Terminal& terminal,
                  const Services& services);

}  // namespace shimmy::cli
