#include "kernels/product_groups.h"

#include <algorithm>
#include <span>

namespace shimmy::kernels {

bool ProductGroup::multiplies_floats() const {
  return std::ranges::all_of(std::span(factors).first(count), [](const Factor& factor) {
    return factor.type == WeightType::F16 || factor.type == WeightType::Bf16;
  });
}

bool can_be_part(const ggml_tensor& node) {
  return node.op == GGML_OP_MUL_MAT || node.op == GGML_OP_MUL_MAT_ID || node.op == GGML_OP_GLU ||
         node.op == GGML_OP_ADD || node.op == GGML_OP_RMS_NORM || node.op == GGML_OP_MUL ||
         node.op == GGML_OP_ROPE || node.op == GGML_OP_SET_ROWS;
}

const ProductGroup* group_of(const ggml_tensor& node) {
  return can_be_part(node) ? static_cast<const ProductGroup*>(node.extra) : nullptr;
}

}  // namespace shimmy::kernels
