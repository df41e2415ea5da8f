// Which ops our kernels take.
#pragma once

#include <ggml.h>

#include <string_view>

namespace shimmy::kernels {

// Why an op whose first operand lies in our buffer, or would lie there, cannot be ours; empty when
// it can.
std::string_view reason_against(const ggml_tensor& op);

}  // namespace shimmy::kernels
