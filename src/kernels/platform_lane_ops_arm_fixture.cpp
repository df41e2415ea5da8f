#include "kernels/lane_ops_fixture.h"

namespace shimmy::kernels {

std::vector<NamedOps> platform_lane_ops() {
  if (!is_supported(CpuLevel::NeonDotprod)) return {};
  return {{"neon", neon_lane_ops()}};
}

}  // namespace shimmy::kernels
