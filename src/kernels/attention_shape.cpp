#include "kernels/attention_shape.h"

#include <cmath>
#include <cstring>
#include <numbers>

namespace shimmy::kernels {
namespace {

constexpr auto kLog2E = std::numbers::log2e_v<float>;

std::size_t size(std::int64_t extent) { return static_cast<std::size_t>(extent); }

const std::uint8_t* at(const ggml_tensor& tensor, std::size_t i1, std::size_t i2, std::size_t i3) {
  return static_cast<const std::uint8_t*>(tensor.data) + i1 * tensor.nb[1] + i2 * tensor.nb[2] +
         i3 * tensor.nb[3];
}

CacheType cache_type(const ggml_tensor& tensor) {
  return tensor.type == GGML_TYPE_Q8_0 ? CacheType::Q80 : CacheType::F16;
}

}  // namespace

AttentionShape::AttentionShape(const ggml_tensor& op)
    : op_(op),
      queries_(size(op.src[0]->ne[1])),
      heads_(size(op.src[0]->ne[2])),
      streams_(size(op.src[0]->ne[3])),
      kv_heads_(size(op.src[1]->ne[2])),
      keys_(size(op.src[1]->ne[1])) {
  std::memcpy(&scale_, op.op_params, sizeof(float));
  std::memcpy(&max_bias_, op.op_params + 1, sizeof(float));
  std::memcpy(&cap_, op.op_params + 2, sizeof(float));
}

AttentionHead AttentionShape::head(std::size_t kv_head, std::size_t stream) const {
  const ggml_tensor& k = *op_.src[1];
  const ggml_tensor& v = *op_.src[2];
  return {at(k, 0, kv_head, stream),
          k.nb[1],
          size(k.ne[0]),
          cache_type(k),
          at(v, 0, kv_head, stream),
          v.nb[1],
          size(v.ne[0]),
          cache_type(v),
          keys_};
}

const std::uint16_t* AttentionShape::mask(std::size_t query, std::size_t stream) const {
  if (op_.src[3] == nullptr) return nullptr;
  return reinterpret_cast<const std::uint16_t*>(
      at(*op_.src[3], query, 0, stream % size(op_.src[3]->ne[3])));
}

// ALiBi, as its paper has it: powers of 2^(-8/n) for n heads, with odd powers of a finer root in
// between where n is no power of two.
float AttentionShape::slope(std::size_t head) const {
  if (max_bias_ <= 0) return 1;
  const double whole = std::exp2(std::floor(std::log2(static_cast<double>(heads_))));
  const auto index = static_cast<double>(head);
  if (index < whole) return static_cast<float>(std::exp2(-max_bias_ / whole * (index + 1)));
  return static_cast<float>(std::exp2(-max_bias_ / 2 / whole * (2 * (index - whole) + 1)));
}

AttentionRow AttentionShape::row(std::size_t query, std::size_t head, std::size_t stream) const {
  const ggml_tensor* sinks = op_.src[4];
  auto* const result = static_cast<std::uint8_t*>(op_.data) + head * op_.nb[1] + query * op_.nb[2] +
                       stream * op_.nb[3];
  return {.query = reinterpret_cast<const float*>(at(*op_.src[0], query, head, stream)),
          .result = reinterpret_cast<float*>(result),
          .sight = nullptr,
          .mask = mask(query, stream),
          .mask_factor = slope(head) * kLog2E,
          .score_factor = cap_ == 0 ? scale_ * kLog2E : scale_ / cap_,
          .cap = cap_ * kLog2E,
          .has_sink = sinks != nullptr,
          .sink = sinks == nullptr ? 0 : static_cast<const float*>(sinks->data)[head] * kLog2E};
}

}  // namespace shimmy::kernels
