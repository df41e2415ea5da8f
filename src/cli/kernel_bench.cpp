#include "cli/kernel_bench.h"

#include <fmt/core.h>

#include <boost/json.hpp>

#include "cli/json_text.h"
#include "cli/status_line.h"
#include "cli/table.h"

namespace shimmy::cli {
namespace {

namespace json = boost::json;

double share(double part, double whole) { return whole > 0 ? part / whole : 0; }

std::string percent(double value) { return fmt::format("{:.0f} %", 100 * value); }

std::string as_table(const app::KernelSpeeds& speeds, std::size_t width) {
  std::vector<std::vector<std::string>> cells;
  for (const app::KernelSpeedRow& row : speeds.rows) {
    cells.push_back({row.type, std::to_string(row.shape.rows), std::to_string(row.shape.values),
                     std::to_string(row.shape.columns), fmt::format("{:.1f}", row.speed.ours),
                     percent(share(row.speed.ours, speeds.machine.peak)),
                     fmt::format("{:.1f}", row.speed.bandwidth),
                     percent(share(row.speed.bandwidth, speeds.machine.bandwidth)),
                     fmt::format("{:.1f}", row.speed.ggml),
                     fmt::format("{:.2f}", share(row.speed.ours, row.speed.ggml))});
  }
  return fmt::format(
             "{} on {} thread{}; at most {:.0f} GMAC/s, and {:.1f} GB/s of memory reads\n\n",
             speeds.kernels, speeds.threads, speeds.threads == 1 ? "" : "s", speeds.machine.peak,
             speeds.machine.bandwidth) +
         render_table({{"TYPE", Align::Left, 9},
                       {"ROWS", Align::Right, 5},
                       {"VALUES", Align::Right, 5},
                       {"COLUMNS", Align::Right, 8},
                       {"GMAC/S", Align::Right, 9},
                       {"OF PEAK", Align::Right, 7},
                       {"GB/S", Align::Right, 3},
                       {"OF READS", Align::Right, 6},
                       {"GGML", Align::Right, 4},
                       {"RATIO", Align::Right, 7}},
                      cells, width);
}

std::string as_json(const app::KernelSpeeds& speeds) {
  json::array products;
  for (const app::KernelSpeedRow& row : speeds.rows) {
    products.push_back(
        {{"type", row.type},
         {"rows", row.shape.rows},
         {"values", row.shape.values},
         {"columns", row.shape.columns},
         {"gmacs", row.speed.ours},
         {"share_of_peak", share(row.speed.ours, speeds.machine.peak)},
         {"gigabytes_per_second", row.speed.bandwidth},
         {"share_of_bandwidth", share(row.speed.bandwidth, speeds.machine.bandwidth)},
         {"ggml_gmacs", row.speed.ggml}});
  }
  return json_text({{"kernels", speeds.kernels},
                    {"threads", speeds.threads},
                    {"peak_gmacs", speeds.machine.peak},
                    {"bandwidth_gigabytes_per_second", speeds.machine.bandwidth},
                    {"products", std::move(products)}});
}

}  // namespace

int bench_kernels(const app::KernelSpeedOptions& options, bool json, Terminal& terminal,
                  const Services& services) {
  const std::stop_token stop = services.stop();
  const auto speeds = [&] {
    StatusLine progress(terminal);
    return services.measure_kernels(options, [&](const std::string& what) {
      progress.show(what);
      return !stop.stop_requested();
    });
  }();
  if (speeds) {
    const std::size_t width = terminal.out_is_tty ? terminal.width : 0;
    return finish(terminal, json ? as_json(*speeds) : as_table(*speeds, width));
  }
  print_error(terminal, speeds.error());
  return exit_code(speeds.error());
}

}  // namespace shimmy::cli
