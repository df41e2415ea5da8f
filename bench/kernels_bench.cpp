// What `shimmy bench --kernels` measures, without the rest of the program.
//
//   shimmy_bench_kernels [THREADS [TYPE…]]      TYPE as in ggml: q4_0, q4_K, f16, …; default: 1 and
//   all
#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>
#include <string>
#include <vector>

#include "kernels/install.h"
#include "kernels/speed.h"

using namespace shimmy;

int main(int count, char** arguments) {
  std::vector<std::string> types(arguments + 1, arguments + count);
  const int threads = types.empty() ? 1 : std::max(1, std::atoi(types.front().c_str()));
  if (!types.empty()) types.erase(types.begin());
  if (types.empty()) types = kernels::product_types();
  if (const auto installed = kernels::install(kernels::Choice::Shimmy); !installed) {
    fmt::print(stderr, "{}\n", installed.error().message);
    return 1;
  }
  const kernels::MachineSpeed machine = kernels::measure_machine(threads);
  fmt::print("{} threads, {}; peak {:.0f} GMAC/s, reads {:.1f} GB/s\n", threads,
             kernels::description(), machine.peak, machine.bandwidth);
  fmt::print(
      "type      rows x values x columns  GMAC/s  of peak   weights GB/s    ggml    ratio\n");
  for (const std::string& type : types) {
    for (const kernels::ProductShape& shape : kernels::product_shapes(type)) {
      const auto speed = kernels::measure_product(type, shape, threads);
      if (!speed) continue;
      fmt::print("{:8} {:5} x {:5} x {:3} {:9.1f} {:8.0f} % {:9.1f} {:9.1f} {:8.2f}\n", type,
                 shape.rows, shape.values, shape.columns, speed->ours,
                 100 * speed->ours / machine.peak, speed->bandwidth, speed->ggml,
                 speed->ours / speed->ggml);
    }
  }
}
