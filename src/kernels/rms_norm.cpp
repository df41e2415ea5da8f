#include "kernels/rms_norm.h"

#include <cstring>

namespace shimmy::kernels {
namespace {

bool has_plain_rows(const ggml_tensor& tensor) {
  return tensor.type == GGML_TYPE_F32 && tensor.nb[0] == sizeof(float);
}

bool is_norm(const ggml_tensor& node) {
  return node.op == GGML_OP_RMS_NORM && has_plain_rows(*node.src[0]) && has_plain_rows(node);
}

const ggml_tensor& weights_of(const ggml_tensor& product, const ggml_tensor& norm) {
  return *product.src[product.src[0] == &norm ? 1 : 0];
}

// Of the model: its memory is never used for anything else.
bool is_parameter(const ggml_tensor& tensor) {
  return tensor.op == GGML_OP_NONE && (tensor.flags & GGML_TENSOR_FLAG_INPUT) == 0;
}

bool is_product_of(const ggml_tensor& node, const ggml_tensor& norm) {
  if (node.op != GGML_OP_MUL || node.src[0] == node.src[1]) return false;
  if (node.src[0] != &norm && node.src[1] != &norm) return false;
  const ggml_tensor& weights = weights_of(node, norm);
  return has_plain_rows(node) && has_plain_rows(weights) && is_parameter(weights) &&
         ggml_are_same_shape(&node, &norm) && weights.ne[0] == norm.ne[0] &&
         ggml_nelements(&weights) == norm.ne[0];
}

RmsNorm pair_of(ggml_tensor* norm, ggml_tensor* product) {
  RmsNorm pair{.norm = norm,
               .product = product,
               .weights = static_cast<const float*>(weights_of(*product, *norm).data)};
  std::memcpy(&pair.epsilon, norm->op_params, sizeof(pair.epsilon));
  return pair;
}

}  // namespace

void NormFinder::add(ggml_tensor* node) {
  last_ = norm_ != nullptr && is_product_of(*node, *norm_) ? pair_of(norm_, node) : RmsNorm{};
  norm_ = is_norm(*node) ? node : nullptr;
}

}  // namespace shimmy::kernels
