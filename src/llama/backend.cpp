#include "llama/backend.h"

#include <ggml-backend.h>
#include <ggml.h>
#include <llama.h>

#include <cstdlib>

namespace shimmy::llama {
namespace {

DeviceKind kind_of(ggml_backend_dev_t device) {
  switch (ggml_backend_dev_type(device)) {
    case GGML_BACKEND_DEVICE_TYPE_CPU: return DeviceKind::Cpu;
    case GGML_BACKEND_DEVICE_TYPE_GPU: return DeviceKind::Gpu;
    case GGML_BACKEND_DEVICE_TYPE_IGPU: return DeviceKind::IntegratedGpu;
    default: return DeviceKind::Accelerator;
  }
}

// On an abort ggml would start a debugger on the process to print a backtrace: not in a service.
base::Logger without_backtraces(const base::Logger& logger) {
  setenv("GGML_NO_BACKTRACE", "1", /*overwrite=*/1);
  return logger;
}

}  // namespace

Backend::Backend(const base::Logger& logger) : log_(without_backtraces(logger)) {
  llama_backend_init();
}

Backend::~Backend() { llama_backend_free(); }

std::vector<Device> Backend::devices() const {
  std::vector<Device> devices;
  for (std::size_t index = 0; index < ggml_backend_dev_count(); ++index) {
    ggml_backend_dev_t handle = ggml_backend_dev_get(index);
    std::size_t free_bytes = 0;
    std::size_t total_bytes = 0;
    ggml_backend_dev_memory(handle, &free_bytes, &total_bytes);
    devices.push_back({kind_of(handle), ggml_backend_dev_name(handle),
                       ggml_backend_dev_description(handle), free_bytes, total_bytes});
  }
  return devices;
}

std::string Backend::version() const {
  return fmt::format("llama.cpp {}, ggml {}", llama_version(), ggml_version());
}

std::string Backend::system_info() const { return llama_print_system_info(); }

}  // namespace shimmy::llama
