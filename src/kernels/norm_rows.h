// RMS normalisation of rows of floats (Zhang and Sennrich, 2019). Templates over V only so that
// each instruction set has its own: sums have one order, and no product is fused with a sum.
#pragma once

#include <cstddef>

namespace shimmy::kernels {

template <class V>
struct NormRows {
  static float rms_scale(const float* row, std::size_t count, float epsilon) {
    constexpr std::size_t kLanes = 16;
    double sums[kLanes] = {};
    const std::size_t whole = count / kLanes * kLanes;
    for (std::size_t i = 0; i < whole; i += kLanes) {
      for (std::size_t lane = 0; lane < kLanes; ++lane)
        sums[lane] += static_cast<double>(row[i + lane] * row[i + lane]);
    }
    double sum = 0;
    for (const double each : sums) sum += each;
    for (std::size_t i = whole; i < count; ++i) sum += static_cast<double>(row[i] * row[i]);
    const auto mean = static_cast<float>(sum / static_cast<double>(count));
    return 1.0F / __builtin_sqrtf(mean + epsilon);
  }

  static void scale_row(const float* row, const float* weights, float scale, std::size_t count,
                        float* to) {
    for (std::size_t i = 0; i < count; ++i) to[i] = row[i] * scale * weights[i];
  }
};

}  // namespace shimmy::kernels
