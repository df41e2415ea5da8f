#include "kernels/packed_view.h"

namespace shimmy::kernels {
namespace {

bool has_same_shape(const ggml_tensor& a, const ggml_tensor& b) {
  return ggml_are_same_shape(&a, &b) && ggml_are_same_stride(&a, &b);
}

std::size_t bytes_of_group(const ggml_tensor& tensor) { return kCellRows * tensor.nb[1]; }

}  // namespace

bool is_packed_view(const ggml_tensor& tensor) {
  if (tensor.view_src == nullptr) return PackedTensor::describe(tensor).has_value();
  const ggml_tensor& owner = *tensor.view_src;
  if (!PackedTensor::describe(owner)) return false;
  if (has_same_shape(tensor, owner) && tensor.view_offs == 0) return true;
  const auto rows_before = static_cast<std::int64_t>(tensor.view_offs / owner.nb[1]);
  const bool ends_with_group = tensor.ne[1] % static_cast<std::int64_t>(kCellRows) == 0;
  return ggml_n_dims(&owner) <= 2 && ggml_n_dims(&tensor) <= 2 && tensor.type == owner.type &&
         tensor.ne[0] == owner.ne[0] && tensor.nb[1] == owner.nb[1] &&
         tensor.view_offs % bytes_of_group(owner) == 0 &&
         (ends_with_group || rows_before + tensor.ne[1] == owner.ne[1]);
}

PackedView packed_view(const ggml_tensor& tensor) {
  const ggml_tensor& owner = tensor.view_src == nullptr ? tensor : *tensor.view_src;
  // Cells take as many bytes as the blocks they come from: an offset in whole groups is the same.
  return {*PackedTensor::describe(owner), static_cast<const std::uint8_t*>(tensor.data)};
}

}  // namespace shimmy::kernels
