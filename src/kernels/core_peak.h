// What one core could reach if it did nothing but multiply.
#pragma once

#include "kernels/cpu_level.h"

namespace shimmy::kernels {

// Billions of 8-bit multiply-adds a second that one core reaches with the dot product of `level`
// alone, without reading memory; 0 where there is none. Takes some milliseconds. Requires:
// is_supported(level).
double peak_of_one_core(CpuLevel level);

// Many dot products that do not wait for each other, as the processor's own file has them.
struct DotProducts {
  void (*run)(int steps);  // null: there is no such instruction
  double products;         // of one step
};
DotProducts dot_products(CpuLevel level);

}  // namespace shimmy::kernels
