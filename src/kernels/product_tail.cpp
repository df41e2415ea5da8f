#include "kernels/product_tail.h"

#include <utility>

#include "kernels/graph_nodes.h"

namespace shimmy::kernels {
namespace {

bool is_whole(const ggml_tensor& tensor) {
  return tensor.type == GGML_TYPE_F32 && ggml_is_contiguous(&tensor);
}

// The kinds that multiply() knows, of two whole operands.
bool is_known_unit(const ggml_tensor& node) {
  if (node.op != GGML_OP_GLU || node.src[1] == nullptr) return false;
  const ggml_glu_op kind = ggml_get_glu_op(&node);
  return (kind == GGML_GLU_OP_SWIGLU || kind == GGML_GLU_OP_GEGLU) && is_whole(node);
}

bool can_gate(ProductGroup& group, const ggml_tensor& node) {
  if (group.count != 2 || !is_known_unit(node)) return false;
  const ggml_tensor& gate = *group.products[0];
  const ggml_tensor& up = *group.products[1];
  const bool feed_it =
      (node.src[0] == &gate && node.src[1] == &up) || (node.src[0] == &up && node.src[1] == &gate);
  if (!feed_it || is_output(gate) || is_output(up)) return false;
  if (node.src[0] != &gate) {
    std::swap(group.products[0], group.products[1]);
    std::swap(group.factors[0], group.factors[1]);
  }
  return true;
}

bool can_add(const ProductGroup& group, const ggml_tensor& node) {
  if (group.count != 1 || node.op != GGML_OP_ADD || node.src[0] == node.src[1]) return false;
  const ggml_tensor* const product = group.products[0];
  if (node.src[0] != product && node.src[1] != product) return false;
  const ggml_tensor& other = *node.src[node.src[0] == product ? 1 : 0];
  if (is_output(*product) || !is_whole(node) || !is_whole(other)) return false;
  if (!ggml_are_same_shape(&node, product) || !ggml_are_same_shape(&node, &other)) return false;
  // Each value is read just before the sum takes its place.
  return node.data == other.data || !MemoryRange(node).overlaps(MemoryRange(other));
}

}  // namespace

bool can_end(ProductGroup& group, const ggml_tensor& node) {
  return can_gate(group, node) || can_add(group, node);
}

}  // namespace shimmy::kernels
