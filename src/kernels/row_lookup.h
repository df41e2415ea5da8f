// GET_ROWS from packed weights, so that a tied embedding needs to be in memory only once.
#pragma once

#include <cstddef>

struct ggml_compute_params;  // NOLINT(readability-identifier-naming): ggml's name
struct ggml_tensor;          // NOLINT(readability-identifier-naming): ggml's name

namespace shimmy::kernels {

std::size_t lookup_work_bytes(const ggml_tensor& op, std::size_t threads);

// One thread's share of the rows.
void look_up_rows(const ggml_compute_params& params, const ggml_tensor& op);

}  // namespace shimmy::kernels
