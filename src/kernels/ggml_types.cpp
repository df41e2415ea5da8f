#include "kernels/ggml_types.h"

#include <algorithm>
#include <array>

namespace shimmy::kernels {
namespace {

// In the order of WeightType.
constexpr std::array<ggml_type, kWeightTypes> kTypes = {
    GGML_TYPE_Q4_0,   GGML_TYPE_Q4_1,  GGML_TYPE_Q5_0,   GGML_TYPE_Q5_1, GGML_TYPE_Q8_0,
    GGML_TYPE_IQ4_NL, GGML_TYPE_MXFP4, GGML_TYPE_Q2_K,   GGML_TYPE_Q3_K, GGML_TYPE_Q4_K,
    GGML_TYPE_Q5_K,   GGML_TYPE_Q6_K,  GGML_TYPE_IQ4_XS, GGML_TYPE_F16,  GGML_TYPE_BF16};

}  // namespace

std::optional<WeightType> weight_type(ggml_type type) {
  const auto* const found = std::ranges::find(kTypes, type);
  if (found == kTypes.end()) return std::nullopt;
  return static_cast<WeightType>(found - kTypes.begin());
}

ggml_type type_of_ggml(WeightType type) { return kTypes.at(static_cast<std::size_t>(type)); }

}  // namespace shimmy::kernels
