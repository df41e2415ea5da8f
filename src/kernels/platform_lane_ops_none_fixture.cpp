#include "kernels/lane_ops_fixture.h"

namespace shimmy::kernels {

std::vector<NamedOps> platform_lane_ops() { return {}; }

}  // namespace shimmy::kernels
