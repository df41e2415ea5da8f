// The libllama of this process: started once, described for people.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/log.h"
#include "llama/log_route.h"

namespace shimmy::llama {

enum class DeviceKind { Cpu, Gpu, IntegratedGpu, Accelerator };

struct Device {
  DeviceKind kind = DeviceKind::Cpu;
  std::string name;              // "CPU", "CUDA0"
  std::string description;       // what the vendor calls it
  std::uint64_t free_bytes = 0;  // of its memory, as its driver reports it; 0: unknown
  std::uint64_t total_bytes = 0;
};

// Starts libllama and sends its log to `logger`. One per process, made before any other object of
// llama/ and destroyed after all of them.
class Backend {
 public:
  explicit Backend(const base::Logger& logger);
  ~Backend();
  Backend(const Backend&) = delete;
  Backend& operator=(const Backend&) = delete;

  std::vector<Device> devices() const;
  std::string version() const;      // of llama.cpp and ggml
  std::string system_info() const;  // the instruction sets that ggml was built for

 private:
  LogRoute log_;
};

}  // namespace shimmy::llama
