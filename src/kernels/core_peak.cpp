#include "kernels/core_peak.h"

#include "kernels/stopwatch.h"

namespace shimmy::kernels {

double peak_of_one_core(CpuLevel level) {
  constexpr int kSteps = 20'000;
  const DotProducts dots = dot_products(level);
  if (dots.run == nullptr) return 0;
  return kSteps * dots.products / best_seconds(100, [&] { dots.run(kSteps); }) * 1e-9;
}

}  // namespace shimmy::kernels
