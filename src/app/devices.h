// What can compute on this machine.
#pragma once

#include <cstdint>
#include <string>

namespace shimmy::app {

struct Device {
  std::string kind;  // "cpu", "gpu", "integrated gpu", "accelerator"
  std::string name;
  std::string description;
  std::uint64_t total_bytes = 0;  // of its memory; 0: unknown
  std::uint64_t free_bytes = 0;
};

}  // namespace shimmy::app
