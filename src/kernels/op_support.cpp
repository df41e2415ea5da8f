#include "kernels/op_support.h"

#include <ggml-backend.h>

#include "kernels/ggml_types.h"
#include "kernels/packed_view.h"

namespace shimmy::kernels {
namespace {

bool is_elsewhere(const ggml_tensor& tensor) {
  return tensor.buffer != nullptr && !ggml_backend_buffer_is_host(tensor.buffer);
}

std::string_view reason_against_weights(const ggml_tensor& weights) {
  if (!weight_type(weights.type)) return "no kernel of ours for its type";
  if (!is_packed_view(weights))
    return "a view that does not start at a group of 16 rows, or rows of an odd length";
  return {};
}

std::string_view reason_against_product(const ggml_tensor& op) {
  const ggml_tensor& x = *op.src[1];
  if (x.type != GGML_TYPE_F32 || op.type != GGML_TYPE_F32)
    return "its activations are not 32-bit floats";
  if (x.nb[0] != sizeof(float)) return "its activations are transposed";
  if (is_elsewhere(x)) return "its activations lie on another device";
  return reason_against_weights(*op.src[0]);
}

// Only the embedding: it can be the output as well, and then need not be in memory twice. Other
// tables are never multiplied, so to pack them would gain nothing.
std::string_view reason_against_lookup(const ggml_tensor& op) {
  const ggml_tensor& weights = *op.src[0];
  if (std::string_view(weights.name) != "token_embd.weight")
    return "no embedding that could be the output, too";
  if (ggml_n_dims(&weights) > 2) return "more than one matrix";
  if (op.type != GGML_TYPE_F32 || op.src[1]->type != GGML_TYPE_I32) return "an unusual lookup";
  return reason_against_weights(weights);
}

}  // namespace

std::string_view reason_against(const ggml_tensor& op) {
  switch (op.op) {
    case GGML_OP_MUL_MAT:
    case GGML_OP_MUL_MAT_ID: return reason_against_product(op);
    case GGML_OP_GET_ROWS: return reason_against_lookup(op);
    default: return "no matrix product";
  }
}

}  // namespace shimmy::kernels
