#include "kernels/product_factor.h"

#include "kernels/packed_view.h"

namespace shimmy::kernels {

Factor factor_of(const ggml_tensor& product) {
  const PackedView weights = packed_view(*product.src[0]);
  const auto rows = static_cast<std::size_t>(product.src[0]->ne[1]);
  return {.cells = weights.cells,
          .group_bytes = weights.shape.group_bytes(),
          .cells_of_group = weights.shape.blocks(),
          .rows = rows,
          .groups = (rows + kCellRows - 1) / kCellRows,
          .type = weights.shape.type()};
}

}  // namespace shimmy::kernels
