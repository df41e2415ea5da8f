#include "kernels/weights_fixture.h"

#include <ggml.h>

#include <algorithm>
#include <array>
#include <cstring>

#include "kernels/ggml_types.h"

namespace shimmy::kernels {
namespace {

// Offsets of the 16-bit scales in ggml's blocks.
std::vector<std::size_t> scale_offsets(WeightType type) {
  switch (type) {
    case WeightType::Q41:
    case WeightType::Q51:
    case WeightType::Q4K:
    case WeightType::Q5K: return {0, 2};
    case WeightType::Q2K: return {80, 82};
    case WeightType::Q3K: return {108};
    case WeightType::Q6K: return {208};
    case WeightType::Mxfp4:
    case WeightType::F16:
    case WeightType::Bf16: return {};
    default: return {0};
  }
}

std::uint16_t hostile_half(Random& random) {
  constexpr std::array<std::uint16_t, 8> kHalves = {0x0000, 0x8000, 0x0001, 0x03ff,
                                                    0x7bff, 0xfbff, 0x3c00, 0x9234};
  return kHalves.at(random() % kHalves.size());
}

void put(Bytes& bytes, std::size_t at, std::uint16_t word) {
  std::memcpy(bytes.data() + at, &word, sizeof(word));
}

}  // namespace

std::string name_of(WeightType type) { return ggml_type_name(type_of_ggml(type)); }

std::vector<WeightType> every_type() {
  std::vector<WeightType> types;
  for (std::size_t i = 0; i < kWeightTypes; ++i) types.push_back(static_cast<WeightType>(i));
  return types;
}

bool multiplies_like_scalar(WeightType type, CpuLevel level) {
  return type != WeightType::Bf16 || !rounds_to_bfloats(level);
}

Floats random_floats(std::size_t count, Random& random) {
  std::normal_distribution<float> bell;
  Floats floats(count);
  for (float& x : floats) x = bell(random) * (random() % 64 == 0 ? 8.0F : 1.0F);
  return floats;
}

Bytes quantised_weights(WeightType type, std::size_t rows, std::size_t values, Random& random) {
  const Floats floats = random_floats(rows * values, random);
  const ggml_type theirs = type_of_ggml(type);
  Bytes bytes(rows * ggml_row_size(theirs, static_cast<std::int64_t>(values)));
  ggml_quantize_chunk(theirs, floats.data(), bytes.data(), 0, static_cast<std::int64_t>(rows),
                      static_cast<std::int64_t>(values), nullptr);
  return bytes;
}

Bytes hostile_weights(WeightType type, std::size_t rows, std::size_t values, Random& random) {
  Bytes bytes(rows * ggml_row_size(type_of_ggml(type), static_cast<std::int64_t>(values)));
  for (auto& byte : bytes) byte = static_cast<std::uint8_t>(random());
  const std::size_t block = block_shape(type).bytes;
  for (std::size_t at = 0; at < bytes.size(); at += block) {
    for (const std::size_t offset : scale_offsets(type))
      put(bytes, at + offset, hostile_half(random));
    if (type == WeightType::Mxfp4) bytes[at] = static_cast<std::uint8_t>(random() % 160);
    if (type == WeightType::Q80 && random() % 4 == 0)
      std::fill_n(bytes.begin() + static_cast<long>(at) + 2, 32, 0x80);
    if (type != WeightType::F16 && type != WeightType::Bf16) continue;
    for (std::size_t i = 0; i < block; i += 2) {
      const auto bfloat =
          static_cast<std::uint16_t>((random() & 0x807fU) | ((random() % 150) << 7U));
      put(bytes, at + i, type == WeightType::F16 ? hostile_half(random) : bfloat);
    }
  }
  return bytes;
}

Floats hostile_activations(std::size_t count, Random& random) {
  Floats floats(count, 0.0F);
  for (std::size_t block = 0; block < count; block += kBlock) {
    const auto kind = random() % 6;
    for (std::size_t i = block; i < std::min(count, block + kBlock); ++i) {
      const float spread = static_cast<float>(random() % 2001) / 1000.0F - 1.0F;
      if (kind == 1) floats[i] = spread * 1e-40F;
      if (kind == 2) floats[i] = -3.75F;
      if (kind == 3) floats[i] = i % kBlock == 7 ? 1000.0F : 0.0F;
      if (kind == 4) floats[i] = spread * 1e6F;
      if (kind == 5) floats[i] = spread;
    }
  }
  return floats;
}

Floats dequantised(WeightType type, const Bytes& weights) {
  const BlockShape shape = block_shape(type);
  Floats floats(weights.size() / shape.bytes * shape.values);
  ggml_get_type_traits(type_of_ggml(type))
      ->to_float(weights.data(), floats.data(), static_cast<std::int64_t>(floats.size()));
  return floats;
}

}  // namespace shimmy::kernels
