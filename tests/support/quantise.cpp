#include "support/quantise.h"

#include <llama.h>

#include <algorithm>
#include <array>
#include <stdexcept>
#include <utility>

namespace shimmy::support {
namespace {

using Named = std::pair<std::string_view, llama_ftype>;

constexpr std::array kTypes = std::to_array<Named>({
    {"f32", LLAMA_FTYPE_ALL_F32},
    {"f16", LLAMA_FTYPE_MOSTLY_F16},
    {"bf16", LLAMA_FTYPE_MOSTLY_BF16},
    {"q4_0", LLAMA_FTYPE_MOSTLY_Q4_0},
    {"q4_1", LLAMA_FTYPE_MOSTLY_Q4_1},
    {"q5_0", LLAMA_FTYPE_MOSTLY_Q5_0},
    {"q5_1", LLAMA_FTYPE_MOSTLY_Q5_1},
    {"q8_0", LLAMA_FTYPE_MOSTLY_Q8_0},
    {"iq4_nl", LLAMA_FTYPE_MOSTLY_IQ4_NL},
    {"mxfp4", LLAMA_FTYPE_MOSTLY_MXFP4_MOE},
    {"q2_k", LLAMA_FTYPE_MOSTLY_Q2_K},
    {"q3_k_m", LLAMA_FTYPE_MOSTLY_Q3_K_M},
    {"q4_k_s", LLAMA_FTYPE_MOSTLY_Q4_K_S},
    {"q4_k_m", LLAMA_FTYPE_MOSTLY_Q4_K_M},
    {"q5_k_m", LLAMA_FTYPE_MOSTLY_Q5_K_M},
    {"q6_k", LLAMA_FTYPE_MOSTLY_Q6_K},
    {"iq4_xs", LLAMA_FTYPE_MOSTLY_IQ4_XS},
});

}  // namespace

std::vector<std::string> quantised_types() {
  std::vector<std::string> names;
  names.reserve(kTypes.size());
  for (const auto& [name, type] : kTypes) names.emplace_back(name);
  return names;
}

void quantise(const std::filesystem::path& model, const std::filesystem::path& to,
              std::string_view type, Mixture mixture) {
  const auto* const found = std::ranges::find(kTypes, type, &Named::first);
  if (found == kTypes.end()) {
    throw std::runtime_error("no such weight type: " + std::string(type));
  }
  llama_log_set([](ggml_log_level, const char*, void*) {}, nullptr);
  llama_model_quantize_params params = llama_model_quantize_default_params();
  params.ftype = found->second;
  params.allow_requantize = true;
  params.pure = mixture == Mixture::None;
  if (llama_model_quantize(model.c_str(), to.c_str(), &params) != 0) {
    throw std::runtime_error("libllama cannot make " + std::string(type) + " of " + model.string());
  }
}

}  // namespace shimmy::support
