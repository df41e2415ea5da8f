// Measures the kernels that multiply, type by type.
#pragma once

#include <cstddef>
#include <functional>
#include <string>
#include <vector>

#include "app/engine_factory.h"
#include "base/error.h"
#include "kernels/speed.h"

namespace shimmy::app {

struct KernelSpeedRow {
  std::string type;
  kernels::ProductShape shape;
  kernels::ProductSpeed speed;
};

struct KernelSpeeds {
  std::string kernels;  // "shimmy (avx512-vnni)"
  std::size_t threads = 0;
  kernels::MachineSpeed machine;
  std::vector<KernelSpeedRow> rows;
};

struct KernelSpeedOptions {
  std::size_t threads = 0;         // 0: the cores this process may use
  std::vector<std::string> types;  // as ggml calls them; empty: all
};

// Told before each row what comes; false ends it.
using SpeedProgress = std::function<bool(const std::string& what)>;

// Blocks for a minute or more. Fails where our kernels cannot run, for a type that they do not
// multiply, and with Cancelled.
base::Result<KernelSpeeds> measure_kernels(LazyBackend& backend, const KernelSpeedOptions& options,
                                           const SpeedProgress& progress);

}  // namespace shimmy::app
