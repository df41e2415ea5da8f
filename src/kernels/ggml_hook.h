// Our buffer type and the ops that we take, as ggml-cpu sees them.
#pragma once

#include <ggml-backend.h>

#include <vector>

#include "base/log.h"
#include "kernels/cpu_level.h"
#include "kernels/placements.h"
#include "kernels/usage.h"

namespace shimmy::kernels {

// Puts our buffer type before all others of ggml-cpu; for the rest of the process's life. Fails if
// ggml has handed out its list already, as it does with the first model load. A second call only
// changes the level and the log.
base::Result<void> hook_into_ggml(CpuLevel level, const base::Logger& log);

bool is_hooked();

// Null until hooked.
ggml_backend_buffer_type_t weight_buffer_type();

// Other kernels for the same weights. Requires: is_hooked(), no graph being computed. For tests.
void use_level(CpuLevel level);

// False: attention is left to ggml. Requires as before. For tests and comparisons.
void use_attention(bool ours);

// Requires: is_hooked().
CpuLevel level_in_use();

Usage hook_usage();
std::vector<Placement> take_hook_placements();

}  // namespace shimmy::kernels
