#include "kernels/lanes_avx512.h"

#include "kernels/lane_ops_fixture.h"

namespace shimmy::kernels {

LaneOps avx512_lane_ops() { return make_lane_ops<Avx512Lanes>(); }

}  // namespace shimmy::kernels
