#include "cli/gpu_info.h"

#include <fmt/core.h>

#include <CLI/App.hpp>
#include <algorithm>
#include <array>
#include <boost/json.hpp>

#include "base/escape.h"
#include "base/quantity.h"
#include "cli/json_text.h"
#include "cli/table.h"

namespace shimmy::cli {
namespace {

namespace json = boost::json;
using app::Device;

bool is_gpu(const Device& device) { return device.kind.ends_with("gpu"); }

bool has_gpu(const std::vector<Device>& devices) { return std::ranges::any_of(devices, is_gpu); }

std::string size_text(std::uint64_t bytes) { return bytes > 0 ? base::human_bytes(bytes) : "-"; }

std::string as_table(const std::vector<Device>& devices, std::size_t width) {
  const std::vector<Column> columns{{"NAME", Align::Left, 9},
                                    {"KIND", Align::Left, 7},
                                    {"MEMORY", Align::Right, 6},
                                    {"FREE", Align::Right, 5},
                                    {"DESCRIPTION", Align::Left, 8}};
  std::vector<std::vector<std::string>> rows;
  for (const Device& device : devices) {
    rows.push_back({base::escape_control(device.name), device.kind, size_text(device.total_bytes),
                    size_text(device.free_bytes), base::escape_control(device.description)});
  }
  return render_table(columns, rows, width);
}

std::string as_json(const std::vector<Device>& devices, const std::string& advice) {
  json::array array;
  for (const Device& device : devices) {
    array.push_back({{"kind", device.kind},
                     {"name", device.name},
                     {"description", device.description},
                     {"total_bytes", device.total_bytes},
                     {"free_bytes", device.free_bytes}});
  }
  return json_text({{"gpu", has_gpu(devices)}, {"devices", std::move(array)}, {"advice", advice}});
}

void add_flags(CLI::App& app, GpuInfoOptions& options) {
  app.add_flag("--json", options.json, "print one JSON object");
}

}  // namespace

std::vector<FoundCard> find_cards(const std::filesystem::path& root) {
  struct Sign {
    const char* path;
    FoundCard card;
  };
  const std::array<Sign, 3> signs{{{"proc/driver/nvidia/version", {"an NVIDIA GPU", "GGML_CUDA"}},
                                   {"dev/kfd", {"an AMD GPU", "GGML_HIP"}},
                                   {"dev/dri/renderD128", {"a GPU", "GGML_VULKAN"}}}};
  std::error_code error;
  for (const Sign& sign : signs) {
    // The last sign is one that the others' cards give as well.
    if (std::filesystem::exists(root / sign.path, error)) return {sign.card};
  }
  return {};
}

std::string gpu_advice(const std::vector<Device>& devices, const std::vector<FoundCard>& cards) {
  if (has_gpu(devices)) return {};
  if (cards.empty()) {
    return "No GPU is used, and this machine shows none: models run on the CPU.";
  }
  return fmt::format(
      "No GPU is used: this machine has {0}, but this shimmy was built without a back end for it. "
      "Models run on the CPU. Build shimmy with -D{1}=ON to use it: cmake --preset release "
      "-D{1}=ON && cmake --build build/release",
      cards.front().name, cards.front().backend);
}

int gpu_info(const GpuInfoOptions& options, Terminal& terminal, const Services& services) {
  const std::vector<Device> devices = services.devices();
  const std::string advice = gpu_advice(devices, find_cards("/"));
  if (options.json) return finish(terminal, as_json(devices, advice));
  const int code = finish(terminal, as_table(devices, terminal.out_is_tty ? terminal.width : 0));
  if (!advice.empty()) terminal.err << advice << std::endl;
  return code;
}

Command gpu_info_command() {
  return plain_command<GpuInfoOptions>("gpu-info", "show what can compute on this machine",
                                       add_flags, gpu_info);
}

}  // namespace shimmy::cli
