// What can take the place of a group's products: a gated unit of two, or the sum of one and
// something else.
#pragma once

#include <ggml.h>

#include "kernels/product_groups.h"

namespace shimmy::kernels {

// True if multiply() can compute `node`, which comes right after the group's products, in their
// place. Of a gated unit's products it puts the gate first.
bool can_end(ProductGroup& group, const ggml_tensor& node);

}  // namespace shimmy::kernels
