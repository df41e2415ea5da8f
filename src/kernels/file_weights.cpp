#include "kernels/file_weights.h"

#include <ggml.h>

#include <algorithm>

#include "kernels/ggml_types.h"

namespace shimmy::kernels {
namespace {

constexpr std::string_view kEmbedding = "token_embd.weight";

// The other tables are looked up only.
bool is_multiplied(std::string_view name, std::size_t dimensions) {
  if (name == kEmbedding) return dimensions == 2;
  return dimensions >= 2 && !name.contains("_embd.") && !name.contains("token_types.");
}

}  // namespace

bool is_taken(std::string_view name, std::uint32_t type, std::span<const std::uint64_t> sizes) {
  if (type >= GGML_TYPE_COUNT || sizes.empty()) return false;
  const auto ours = weight_type(static_cast<ggml_type>(type));
  if (!ours || !is_multiplied(name, sizes.size())) return false;
  return sizes.front() > 0 && sizes.front() % block_shape(*ours).values == 0;
}

}  // namespace shimmy::kernels
