// The memory of packed weights as a ggml buffer: what is set is packed, what is read is restored.
#pragma once

#include <ggml-backend.h>

#include <cstddef>

#include "kernels/usage.h"

namespace shimmy::kernels {

// Allocates a buffer of `type`; null when there is no memory. `counters` must outlive it.
ggml_backend_buffer_t allocate_weight_buffer(ggml_backend_buffer_type_t type, std::size_t bytes,
                                             UsageCounters& counters);

// Bytes that `tensor` takes in such a buffer.
std::size_t weight_buffer_bytes(const ggml_tensor& tensor);

}  // namespace shimmy::kernels
