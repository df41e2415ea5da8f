#include "kernels/lanes_neon.h"

#include "kernels/lane_ops_fixture.h"

namespace shimmy::kernels {

LaneOps neon_lane_ops() { return make_lane_ops<NeonLanes<false>>(); }

}  // namespace shimmy::kernels
