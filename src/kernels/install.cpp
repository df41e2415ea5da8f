#include "kernels/install.h"

#include <fmt/format.h>

#include <cstdlib>

#include "kernels/cpu_level.h"
#include "kernels/ggml_hook.h"

namespace shimmy::kernels {

base::Result<void> install(Choice choice, const base::Logger& log) {
  if (choice == Choice::Ggml) {
    if (!is_hooked()) return {};
    return base::fail(
        base::ErrorCode::Internal,
        "shimmy's kernels are installed already and cannot be taken out of a running process.");
  }
  const char* const environment = std::getenv("SHIMMY_CPU");
  const std::string forced = environment == nullptr ? "" : environment;
  const base::Result<CpuLevel> level = choose_level(forced);
  if (!level) return std::unexpected(level.error());
  // The scalar kernels are a reference: slower than ggml's, so they run only where they are asked
  // for.
  if (*level == CpuLevel::Scalar && forced.empty()) {
    if (choice == Choice::Auto) return {};
    return base::fail(
        base::ErrorCode::InvalidRequest,
        "shimmy's kernels need a CPU with AVX2, FMA and F16C, which this one lacks; use ggml's.");
  }
  return hook_into_ggml(*level, log);
}

std::string description() {
  return is_hooked() ? fmt::format("shimmy ({})", name(level_in_use())) : "ggml";
}

Usage usage() { return hook_usage(); }

std::vector<Placement> take_placements() { return take_hook_placements(); }

}  // namespace shimmy::kernels
