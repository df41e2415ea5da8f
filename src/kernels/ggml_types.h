// Between ggml's types and ours.
#pragma once

#include <ggml.h>

#include <optional>

#include "kernels/weight_type.h"

namespace shimmy::kernels {

// Empty for a type that our kernels do not multiply.
std::optional<WeightType> weight_type(ggml_type type);

ggml_type type_of_ggml(WeightType type);

}  // namespace shimmy::kernels
