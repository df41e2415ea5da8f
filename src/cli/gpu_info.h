// shimmy gpu-info: what can compute here, and why a GPU does not.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "app/devices.h"
#include "cli/command.h"

namespace shimmy::cli {

struct GpuInfoOptions {
  bool json = false;
};

// A graphics card that the system shows below `root`, with the back end that would use it.
struct FoundCard {
  std::string name;     // "an NVIDIA GPU"
  std::string backend;  // the CMake option: "GGML_CUDA"
};
std::vector<FoundCard> find_cards(const std::filesystem::path& root);

// What to do where no device is a GPU: sentences; empty where one is.
std::string gpu_advice(const std::vector<app::Device>& devices,
                       const std::vector<FoundCard>& cards);

// Returns the exit code: 0 without a GPU, too.
int gpu_info(const GpuInfoOptions& options, Terminal& terminal, const Services& services);

Command gpu_info_command();

}  // namespace shimmy::cli
