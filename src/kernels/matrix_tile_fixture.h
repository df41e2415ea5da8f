// A matrix unit in plain code, for processors that have none: what MatrixTile makes of it.
#pragma once

#include "kernels/kernel_set.h"
#include "kernels/weight_type.h"

namespace shimmy::kernels {

// The product of a type and one of kMatrixWidths. Requires AVX512-VNNI to be called.
MultiplyTile emulated_product(WeightType type, int width);

}  // namespace shimmy::kernels
