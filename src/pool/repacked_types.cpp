#include "pool/repacked_types.h"

#include <algorithm>
#include <array>
#include <string_view>

namespace shimmy::pool {
namespace {

constexpr std::uint64_t kRowsTogether = 8;  // a matrix with another number of rows is left alone

bool has_kernel(std::string_view type) {
#if defined(__x86_64__)
  constexpr std::array<std::string_view, 4> avx2{"Q4_0", "Q4_K", "IQ4_NL", "MXFP4"};
  if (type == "Q2_K") return __builtin_cpu_supports("avx512f");
  return std::ranges::find(avx2, type) != avx2.end() && __builtin_cpu_supports("avx2");
#elif defined(__aarch64__)
  constexpr std::array<std::string_view, 7> dot{"Q4_0",   "Q4_K",  "Q5_K", "Q6_K",
                                                "IQ4_NL", "MXFP4", "Q8_0"};
  return std::ranges::find(dot, type) != dot.end();
#else
  return false;
#endif
}

// Rows are looked up in the embedding, not multiplied; latent attention multiplies head by head.
bool is_multiplied_whole(const gguf::Tensor& tensor) {
  if (tensor.name.starts_with("token_embd")) return false;
  if (tensor.dimension_count == 2) return true;
  return tensor.dimension_count == 3 && tensor.name.find("_exps.") != std::string_view::npos;
}

}  // namespace

bool is_repacked(const gguf::Tensor& tensor) {
  return tensor.dimensions[1] % kRowsTogether == 0 && is_multiplied_whole(tensor) &&
         has_kernel(tensor.type->name);
}

}  // namespace shimmy::pool
