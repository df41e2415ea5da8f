// Which weights are copied into a layout that the CPU's kernels like better.
#pragma once

#include <functional>

#include "gguf/tensor_table.h"

namespace shimmy::pool {

// True for what kernels before ggml's take. Empty: there are none.
using IsPacked = std::function<bool(const gguf::Tensor& tensor)>;

// By ggml, as far as this machine's CPU says: it is what ggml asks, too.
bool is_repacked(const gguf::Tensor& tensor);

}  // namespace shimmy::pool
