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
std::size_t product_work_bytes(const KernelSet& kernels, const ggml_tensor& op,
                               std::size_t threads);

// One thread's share of the product; all threads of the pool must call it. The result is the same,
// bit by bit, for any number of threads and columns.
void multiply(const KernelSet& kernels, const ggml_compute_params& params, const ggml_tensor& op);

// All products of a group, with the bits that they have alone; of a gated unit, its result. Needs
// as much work memory as the first of them.
void multiply(const KernelSet& kernels, const ggml_compute_params& params,
              const ProductGroup& group);

// True if two products of the same activations can be in one group.
bool can_share_activations(const KernelSet& kernels, const ggml_tensor& first,
                           const ggml_tensor& second);

}  // namespace shimmy::kernels
