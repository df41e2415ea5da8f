// Refuses tensors of a model in types that no computation of libllama takes for their role.
#pragma once

#include <span>

#include "base/error.h"
#include "gguf/tensor_table.h"

namespace shimmy::gguf {

base::Result<void> check_compute_types(std::span<const Tensor> tensors);

}  // namespace shimmy::gguf
