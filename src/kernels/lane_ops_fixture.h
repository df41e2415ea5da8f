// The steps of one instruction set's vectors as plain functions over arrays, so that a test
// compiled for any CPU can call them. Each file lane_ops_*_fixture.cpp is compiled for its own.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "kernels/attention_math.h"
#include "kernels/cpu_level.h"

namespace shimmy::kernels {

// `x`, `y` and results are arrays of as many floats as a vector has lanes.
struct LaneOps {
  std::size_t lanes;
  void (*load_halves)(const std::uint8_t* from, float* to);
  void (*load_bfloats)(const std::uint8_t* from, float* to);
  void (*half)(const std::uint8_t* from, float* to);
  void (*larger)(const float* x, const float* y, float* to);
  void (*subtract)(const float* x, const float* y, float* to);
  void (*divide)(const float* x, const float* y, float* to);
  void (*fused)(const float* x, const float* y, float* sum);
  void (*where)(std::uint32_t bits, const float* x, const float* y, float* to);
  void (*power_of_two)(const float* x, float* to);
  void (*hyperbolic_tangent)(const float* x, float* to);
  void (*sum_each)(const float* vectors, float* to);  // of `lanes` vectors
  float (*largest_lane)(const float* x);
  float (*sum_lanes)(const float* x);
  std::uint64_t (*differs)(const std::uint16_t* words, std::uint16_t value);
  std::uint32_t (*largest)(const float* x);  // of 32
  void (*round)(const float* x, float factor, std::uint8_t* to, std::int32_t* sums);
};

template <class V>
LaneOps make_lane_ops() {
  return {
      .lanes = V::kRows,
      .load_halves = [](const std::uint8_t* from,
                        float* to) { V::store(to, V::load_halves(from)); },
      .load_bfloats = [](const std::uint8_t* from,
                         float* to) { V::store(to, V::load_bfloats(from)); },
      .half = [](const std::uint8_t* from, float* to) { V::store(to, V::half(from)); },
      .larger = [](const float* x, const float* y,
                   float* to) { V::store(to, V::larger(V::load(x), V::load(y))); },
      .subtract = [](const float* x, const float* y,
                     float* to) { V::store(to, V::subtract(V::load(x), V::load(y))); },
      .divide = [](const float* x, const float* y,
                   float* to) { V::store(to, V::divide(V::load(x), V::load(y))); },
      .fused = [](const float* x, const float* y,
                  float* sum) { V::store(sum, V::fused(V::load(x), V::load(y), V::load(sum))); },
      .where = [](std::uint32_t bits, const float* x, const float* y,
                  float* to) { V::store(to, V::where(bits, V::load(x), V::load(y))); },
      .power_of_two = [](const float* x, float* to) { V::store(to, power_of_two<V>(V::load(x))); },
      .hyperbolic_tangent = [](const float* x,
                               float* to) { V::store(to, hyperbolic_tangent<V>(V::load(x))); },
      .sum_each =
          [](const float* vectors, float* to) {
            typename V::Floats each[V::kRows];
            for (int i = 0; i < V::kRows; ++i) each[i] = V::load(vectors + i * V::kRows);
            V::store(to, V::sum_each(each));
          },
      .largest_lane = [](const float* x) { return V::largest_lane(V::load(x)); },
      .sum_lanes = [](const float* x) { return V::sum_lanes(V::load(x)); },
      .differs = [](const std::uint16_t* words,
                    std::uint16_t value) { return V::differs(words, value); },
      .largest = [](const float* x) { return V::largest(x); },
      .round = [](const float* x, float factor, std::uint8_t* to,
                  std::int32_t* sums) { V::round(x, factor, to, sums); },
  };
}

LaneOps scalar_lane_ops();

// Each is there in builds for its own processor only.
LaneOps avx2_lane_ops();
LaneOps avx512_lane_ops();
LaneOps neon_lane_ops();

struct NamedOps {
  std::string name;
  LaneOps ops;
};

// Of the vectors that this CPU has beside the scalar ones: each processor has a file of its own.
std::vector<NamedOps> platform_lane_ops();

}  // namespace shimmy::kernels
