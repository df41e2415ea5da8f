// Which weights are copied into a layout that the CPU's kernels like better.
#pragma once

#include <cstdint>
#include <functional>

#include "gguf/tensor_table.h"

namespace shimmy::pool {

// What a tensor takes in the layout of kernels before ggml's; 0: it is none of theirs. Empty: there
// are none.
using PackedBytes = std::function<std::uint64_t(const gguf::Tensor& tensor)>;

// By ggml, as far as this machine's CPU says: it is what ggml asks, too.
bool is_repacked(const gguf::Tensor& tensor);

}  // namespace shimmy::pool
