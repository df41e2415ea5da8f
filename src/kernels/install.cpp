#include "kernels/install.h"

#include <fmt/format.h>

#include <cstdlib>

#include "kernels/cpu_level.h"
#include "kernels/ggml_hook.h"
#include "kernels/platform_levels.h"

namespace shimmy::kernels {

std::string forced_level() {
  const char* const environment = std::getenv("SHIMMY_CPU");
  return environment == nullptr ? "" : environment;
}

base::Result<std::optional<CpuLevel>> choose_kernels(Choice choice) {
  if (choice == Choice::Ggml) return std::nullopt;
  const std::string forced = forced_level();
  const base::Result<CpuLevel> level = choose_level(forced);
  if (!level) return std::unexpected(level.error());
  // The scalar kernels are a reference: slower than ggml's, so they run only where they are asked
  // for.
  if (*level != CpuLevel::Scalar || !forced.empty()) return *level;
  if (choice == Choice::Auto) return std::nullopt;
  return base::fail(base::ErrorCode::InvalidRequest,
                    "shimmy's kernels need a CPU with {}, which this one lacks; use ggml's.",
                    needed_features());
}

base::Result<void> install(Choice choice, const base::Logger& log) {
  if (choice == Choice::Ggml && is_hooked()) {
    return base::fail(
        base::ErrorCode::Internal,
        "shimmy's kernels are installed already and cannot be taken out of a running process.");
  }
  const auto level = choose_kernels(choice);
  if (!level) return std::unexpected(level.error());
  return *level ? hook_into_ggml(**level, log) : base::Result<void>{};
}

std::string description(std::optional<CpuLevel> level) {
  return level ? fmt::format("shimmy ({})", name(*level)) : "ggml";
}

std::string description() {
  return description(is_hooked() ? std::optional(level_in_use()) : std::nullopt);
}

Usage usage() { return hook_usage(); }

std::vector<Placement> take_placements() { return take_hook_placements(); }

}  // namespace shimmy::kernels
