#include "kernels/lanes_avx2.h"

#include "kernels/lane_ops_fixture.h"

namespace shimmy::kernels {

LaneOps avx2_lane_ops() { return make_lane_ops<Avx2Lanes<false>>(); }

}  // namespace shimmy::kernels
