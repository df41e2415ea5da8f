// What one core could reach if it did nothing but multiply.
#pragma once

#include "kernels/cpu_level.h"

namespace shimmy::kernels {

// Billions of 8-bit multiply-adds a second that one core reaches with the dot product of `level`
// alone, without reading memory. Takes some tens of milliseconds. Requires: is_supported(level).
double peak_of_one_core(CpuLevel level);

}  // namespace shimmy::kernels
