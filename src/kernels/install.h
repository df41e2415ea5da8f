// The door of this folder: puts our kernels in front of ggml's and says what runs.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/error.h"
#include "base/log.h"
#include "kernels/cpu_level.h"
#include "kernels/placements.h"
#include "kernels/usage.h"

namespace shimmy::kernels {

enum class Choice {
  Auto,    // ours where the CPU has the instructions for it, else ggml's
  Ggml,    // ggml's
  Shimmy,  // ours, or a failure
};

// The level at which our kernels will multiply; empty: ggml's will. Installs nothing. Fails where
// install() fails because of the CPU or of SHIMMY_CPU.
base::Result<std::optional<CpuLevel>> choose_kernels(Choice choice);

// The value of SHIMMY_CPU; empty: it is not set.
std::string forced_level();

// To be called once, before the first model is loaded. The environment's SHIMMY_CPU names the
// instruction set (cpu_level.h); a name that this CPU cannot run is a failure. Products that are
// left to ggml are logged at debug level.
base::Result<void> install(Choice choice, const base::Logger& log = {});

// "shimmy (avx512-vnni)", say, or "ggml".
std::string description(std::optional<CpuLevel> level);
std::string description();  // of the kernels that multiply

Usage usage();

// The weights of the models loaded since the last call, in the order of their files; empty if
// ggml's kernels multiply. To be called after each load; loads that overlap are told together.
std::vector<Placement> take_placements();

}  // namespace shimmy::kernels
