#include "gguf/compute_check.h"

#include <string_view>

#include "gguf/field.h"
#include "gguf/text.h"

namespace shimmy::gguf {
namespace {

// Added to or multiplied with activations, for which the CPU back end takes F32 alone.
bool is_vector(const Tensor& tensor) {
  return tensor.dimension_count == 1 &&
         (tensor.name.ends_with("norm.weight") || tensor.name.ends_with(".bias"));
}

// tid2eid is a table of numbers that only looks like a weight.
bool is_weight(const Tensor& tensor) {
  return tensor.name.ends_with(".weight") && !tensor.name.contains("tid2eid");
}

}  // namespace

base::Result<void> check_compute_types(std::span<const Tensor> tensors) {
  for (const Tensor& tensor : tensors) {
    if (is_vector(tensor) && tensor.type->name != "F32") {
      return refuse("tensor {} is of type {}: F32 is expected of norms and biases",
                    quoted(tensor.name), tensor.type->name);
    }
    if (is_weight(tensor) && tensor.type->kind == TensorKind::Number) {
      return refuse("tensor {} is of type {}: weights must be F32, F16, BF16 or quantised",
                    quoted(tensor.name), tensor.type->name);
    }
  }
  return {};
}

}  // namespace shimmy::gguf
