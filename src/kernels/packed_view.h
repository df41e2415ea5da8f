// A tensor that lies in our buffer, or a view of one, as an operand.
#pragma once

#include <ggml.h>

#include <cstdint>

#include "kernels/packed_tensor.h"

namespace shimmy::kernels {

struct PackedView {
  PackedTensor shape;         // of the tensor that owns the memory
  const std::uint8_t* cells;  // of the view's first row
};

// True for a tensor that can be packed, and for a view of one that starts at a group of 16 rows and
// keeps whole rows: only such a view is a run of cells.
bool is_packed_view(const ggml_tensor& tensor);

// Requires: is_packed_view(tensor), and memory in our buffer.
PackedView packed_view(const ggml_tensor& tensor);

}  // namespace shimmy::kernels
