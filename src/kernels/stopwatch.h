// Seconds that a piece of work takes.
#pragma once

#include <algorithm>
#include <chrono>

namespace shimmy::kernels {

double seconds_of(const auto& work) {
  const auto start = std::chrono::steady_clock::now();
  work();
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

// The shortest of several runs: what disturbs a run only makes it longer.
double best_seconds(int runs, const auto& work) {
  double best = seconds_of(work);
  for (int i = 1; i < runs; ++i) best = std::min(best, seconds_of(work));
  return best;
}

}  // namespace shimmy::kernels
