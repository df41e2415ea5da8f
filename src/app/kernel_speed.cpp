#include "app/kernel_speed.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <utility>

#include "base/machine.h"
#include "kernels/install.h"

namespace shimmy::app {
namespace {

base::Result<std::vector<std::string>> chosen_types(const std::vector<std::string>& asked) {
  std::vector<std::string> all = kernels::product_types();
  if (asked.empty()) return all;
  for (const std::string& type : asked) {
    if (std::ranges::find(all, type) != all.end()) continue;
    return base::fail_field("type", "\"{}\" is no type that shimmy's kernels multiply: {} are.",
                            type, fmt::join(all, ", "));
  }
  return asked;
}

}  // namespace

base::Result<KernelSpeeds> measure_kernels(LazyBackend& backend, const KernelSpeedOptions& options,
                                           const SpeedProgress& progress) {
  const auto types = chosen_types(options.types);
  if (!types) return std::unexpected(types.error());
  backend.start();
  if (auto ready = backend.use_kernels(kernels::Choice::Shimmy); !ready)
    return std::unexpected(std::move(ready).error());
  const std::size_t threads = options.threads > 0 ? options.threads : base::usable_cores();
  const int count = static_cast<int>(threads);
  const auto cancelled = base::fail(base::ErrorCode::Cancelled, "Interrupted.");
  if (!progress("peak of the cores, bandwidth of the memory")) return cancelled;
  KernelSpeeds speeds{kernels::description(), threads, kernels::measure_machine(count), {}};
  for (const std::string& type : *types) {
    for (const kernels::ProductShape& shape : kernels::product_shapes(type)) {
      if (!progress(fmt::format("{} {} x {} x {}", type, shape.rows, shape.values, shape.columns)))
        return cancelled;
      const auto speed = kernels::measure_product(type, shape, count);
      if (!speed) return std::unexpected(speed.error());
      speeds.rows.push_back({type, shape, *speed});
    }
  }
  return speeds;
}

}  // namespace shimmy::app
