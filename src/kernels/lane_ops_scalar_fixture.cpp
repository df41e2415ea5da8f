#include "kernels/lanes_scalar.h"

#include "kernels/lane_ops_fixture.h"

namespace shimmy::kernels {

LaneOps scalar_lane_ops() { return make_lane_ops<ScalarLanes>(); }

}  // namespace shimmy::kernels
