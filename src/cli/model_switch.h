// shimmy load and shimmy stop: into and out of the memory of a running server.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "cli/command.h"

namespace shimmy::cli {

struct LoadOptions {
  std::string server;
  std::string model;
  std::optional<std::uint64_t> context;
  std::optional<std::uint64_t> parallel;
  std::string cache_type_k;  // empty: as the server has it
  std::string cache_type_v;
  std::optional<std::int32_t> gpu_layers;
  bool pin = false;
  std::string keep_alive;  // "5m", seconds, "-1"; empty: as the server has it
  bool json = false;
};

struct StopOptions {
  std::string server;
  std::string model;
  bool force = false;  // running requests are cancelled
  bool json = false;
};

// The body of POST …/load.
std::string load_body(const LoadOptions& options);

// Both block until the server has done it, and return the exit code.
int load(const LoadOptions& options, Terminal& terminal, const Services& services);
int stop(const StopOptions& options, Terminal& terminal, const Services& services);

Command load_command();
Command stop_command();

}  // namespace shimmy::cli
