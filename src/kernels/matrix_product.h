// MUL_MAT and MUL_MAT_ID with packed weights, as a part of ggml's compute graph.
#pragma once

#include <cstddef>

#include "kernels/kernel_set.h"
#include "kernels/product_groups.h"

struct ggml_compute_params;  // NOLINT(readability-identifier-naming): ggml's name
struct ggml_tensor;          // NOLINT(readability-identifier-naming): ggml's name

namespace shimmy::kernels {

// Up to so many columns every thread quantises all of them for itself, which is cheaper than to
// wait.
inline constexpr std::size_t kOwnColumns = 4;

// Bytes of work memory that multiply() needs on `threads` threads.
std::size_t product_work_bytes(const KernelSet& kernels, const ProductGroup& group,
                               std::size_t threads);

// One thread's share of all products of a group; all threads of the pool must call it. Each has the
// bits that it would have alone, and those do not depend on the number of threads and columns. Of a
// group with a tail only the tail's result is written.
void multiply(const KernelSet& kernels, const ggml_compute_params& params,
              const ProductGroup& group);

}  // namespace shimmy::kernels
