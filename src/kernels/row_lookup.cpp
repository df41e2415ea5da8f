#include "kernels/row_lookup.h"

#include <ggml-cpu-impl.h>

#include <cstdint>

#include "kernels/packed_view.h"

namespace shimmy::kernels {
namespace {

std::size_t aligned(std::size_t bytes) { return (bytes + 63) / 64 * 64; }

}  // namespace

std::size_t lookup_work_bytes(const ggml_tensor& op, std::size_t threads) {
  return threads * aligned(ggml_row_size(op.src[0]->type, op.src[0]->ne[0]));
}

void look_up_rows(const ggml_compute_params& params, const ggml_tensor& op) {
  const PackedView weights = packed_view(*op.src[0]);
  const ggml_tensor& ids = *op.src[1];
  const auto to_float = ggml_get_type_traits(op.src[0]->type)->to_float;
  auto* const bytes = static_cast<std::uint8_t*>(params.wdata) +
                      static_cast<std::size_t>(params.ith) * lookup_work_bytes(op, 1);
  for (std::int64_t i = params.ith; i < ggml_nelements(&ids); i += params.nth) {
    const auto i0 = static_cast<std::size_t>(i % ids.ne[0]);
    const auto i1 = static_cast<std::size_t>(i / ids.ne[0] % ids.ne[1]);
    const auto i2 = static_cast<std::size_t>(i / ids.ne[0] / ids.ne[1]);
    const auto* id = static_cast<const std::uint8_t*>(ids.data) + i0 * ids.nb[0] + i1 * ids.nb[1] +
                     i2 * ids.nb[2];
    const auto row = static_cast<std::size_t>(*reinterpret_cast<const std::int32_t*>(id));
    restore_row(weights.shape.group(row / kCellRows),
                weights.cells + row / kCellRows * weights.shape.group_bytes(), row % kCellRows,
                bytes);
    auto* const to =
        static_cast<std::uint8_t*>(op.data) + i0 * op.nb[1] + i1 * op.nb[2] + i2 * op.nb[3];
    to_float(bytes, reinterpret_cast<float*>(to), op.src[0]->ne[0]);
  }
}

}  // namespace shimmy::kernels
