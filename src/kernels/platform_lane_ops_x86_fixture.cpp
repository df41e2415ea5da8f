#include "kernels/lane_ops_fixture.h"

namespace shimmy::kernels {

std::vector<NamedOps> platform_lane_ops() {
  std::vector<NamedOps> list;
  if (is_supported(CpuLevel::Avx2)) list.push_back({"avx2", avx2_lane_ops()});
  if (is_supported(CpuLevel::Avx512Vnni)) list.push_back({"avx512", avx512_lane_ops()});
  return list;
}

}  // namespace shimmy::kernels
