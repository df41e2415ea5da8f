// Which weights ggml copies into a layout of its own for the CPU's kernels.
#pragma once

#include "gguf/tensor_table.h"

namespace shimmy::pool {

// As far as this machine's CPU says: it is what ggml asks, too.
bool is_repacked(const gguf::Tensor& tensor);

}  // namespace shimmy::pool
