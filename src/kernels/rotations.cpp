#include "kernels/rotations.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstring>

namespace shimmy::kernels {
namespace {

// As ggml keeps them in a ROPE node.
struct RopeParameters {
  std::int32_t dimensions, mode, trained_context;
  float base, scale, extrapolation, magnitude, beta_fast, beta_slow;
  std::int32_t offset;

  explicit RopeParameters(const ggml_tensor& rope)
      : dimensions(read<std::int32_t>(rope, 1)),
        mode(read<std::int32_t>(rope, 2)),
        trained_context(read<std::int32_t>(rope, 4)),
        base(read<float>(rope, 5)),
        scale(read<float>(rope, 6)),
        extrapolation(read<float>(rope, 7)),
        magnitude(read<float>(rope, 8)),
        beta_fast(read<float>(rope, 9)),
        beta_slow(read<float>(rope, 10)),
        offset(read<std::int32_t>(rope, 15)) {}

  // YaRN: between interpolated and extrapolated angles, by the pair's wave length.
  float angle(float extrapolated, std::size_t pair, const std::array<float, 2>& bounds) const {
    const float interpolated = scale * extrapolated;
    if (extrapolation == 0) return interpolated;
    const float along =
        (static_cast<float>(pair) - bounds[0]) / std::max(0.001F, bounds[1] - bounds[0]);
    const float share = (1 - std::clamp(along, 0.0F, 1.0F)) * extrapolation;
    return interpolated * (1 - share) + extrapolated * share;
  }
  float length() const {
    return extrapolation == 0 ? magnitude : magnitude * (1 + 0.1F * std::log(1 / scale));
  }
  std::array<float, 2> bounds() const {
    std::array<float, 2> bounds{};
    ggml_rope_yarn_corr_dims(dimensions, trained_context, base, beta_fast, beta_slow,
                             bounds.data());
    return bounds;
  }

 private:
  template <class T>
  static T read(const ggml_tensor& rope, std::size_t index) {
    T value;
    std::memcpy(&value, rope.op_params + index, sizeof(value));
    return value;
  }
};

bool has_plain_rows(const ggml_tensor& tensor) {
  return tensor.type == GGML_TYPE_F32 && tensor.nb[0] == sizeof(float) && tensor.ne[3] == 1;
}

}  // namespace

bool can_rotate(const ggml_tensor& rope) {
  if (!has_plain_rows(rope) || !has_plain_rows(*rope.src[0])) return false;
  const RopeParameters parameters(rope);
  if (parameters.mode != GGML_ROPE_TYPE_NORMAL && parameters.mode != GGML_ROPE_TYPE_NEOX)
    return false;
  const bool has_factors = rope.src[2] != nullptr;
  return parameters.offset == 0 && rope.src[1]->type == GGML_TYPE_I32 &&
         (!has_factors || has_plain_rows(*rope.src[2]));
}

Rotations::Rotations(const ggml_tensor& rope)
    : rope_(&rope),
      head_(static_cast<std::size_t>(rope.ne[0])),
      pairs_(static_cast<std::size_t>(RopeParameters(rope).dimensions) / 2),
      is_split_(RopeParameters(rope).mode == GGML_ROPE_TYPE_NEOX),
      angles_(2 * pairs_ * static_cast<std::size_t>(rope.ne[2])) {}

bool Rotations::serves(const ggml_tensor& rope) const {
  return rope.src[1] == rope_->src[1] && rope.src[2] == rope_->src[2] &&
         rope.ne[0] == rope_->ne[0] &&
         std::memcmp(rope.op_params, rope_->op_params, sizeof(rope.op_params)) == 0;
}

std::size_t Rotations::tokens() const { return static_cast<std::size_t>(rope_->ne[2]); }

void Rotations::fill(std::size_t first_token, std::size_t last_token) {
  const RopeParameters parameters(*rope_);
  const auto* const positions = static_cast<const std::int32_t*>(rope_->src[1]->data);
  const auto* const factors =
      rope_->src[2] == nullptr ? nullptr : static_cast<const float*>(rope_->src[2]->data);
  const float step = std::pow(parameters.base, -2.0F / static_cast<float>(parameters.dimensions));
  const std::array<float, 2> bounds = parameters.bounds();
  const float length = parameters.length();
  for (std::size_t token = first_token; token < last_token; ++token) {
    float* const cosines = angles_.data() + 2 * token * pairs_;
    auto whole = static_cast<float>(positions[token]);
    for (std::size_t pair = 0; pair < pairs_; ++pair, whole *= step) {
      const float factor = factors == nullptr ? 1.0F : factors[pair];
      const float angle = parameters.angle(whole / factor, pair, bounds);
      cosines[pair] = std::cos(angle) * length;
      cosines[pairs_ + pair] = std::sin(angle) * length;
    }
  }
}

void Rotations::rotate(std::size_t token, const float* from, float* to) const {
  const float* const cosines = angles_.data() + 2 * token * pairs_;
  const float* const sines = cosines + pairs_;
  const std::size_t step = is_split_ ? 1 : 2;
  const std::size_t apart = is_split_ ? pairs_ : 1;
  for (std::size_t pair = 0; pair < pairs_; ++pair) {
    const float first = from[pair * step];
    const float second = from[pair * step + apart];
    to[pair * step] = first * cosines[pair] - second * sines[pair];
    to[pair * step + apart] = first * sines[pair] + second * cosines[pair];
  }
  if (from != to) std::copy(from + 2 * pairs_, from + head_, to + 2 * pairs_);
}

}  // namespace shimmy::kernels
