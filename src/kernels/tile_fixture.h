// 16 rows times a few columns, straight through the kernels.
#pragma once

#include <cstddef>

#include "kernels/guarded_memory_fixture.h"
#include "kernels/kernel_set.h"
#include "kernels/weights_fixture.h"

namespace shimmy::kernels {

struct TileInput {
  WeightType type;
  std::size_t values;
  std::size_t width;
  Bytes weights;
  Floats columns;  // width times values
};

// The 16 results of the first column, of the next, and so on. Every buffer lies against a forbidden
// page.
Floats multiply_tile(const TileInput& input, const WeightKernel& kernel, Guard guard);

}  // namespace shimmy::kernels
