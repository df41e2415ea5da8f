// What shimmy diag found out, as values.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "app/bind_address.h"
#include "app/devices.h"
#include "app/kernel_use.h"
#include "base/error.h"
#include "base/machine.h"
#include "models/catalog.h"

namespace shimmy::cli {

// Something wrong, and what to do about it: two sentences.
struct Finding {
  std::string problem;
  std::string remedy;
};

struct Diagnosis {
  std::vector<std::string> cpu_features;
  std::string missing_cpu_features;
  std::size_t cores = 1;
  base::Memory memory;
  std::vector<app::Device> devices;
  models::Catalog catalog;
  app::BindAddress address;
  bool port_is_free = true;
  std::string port_owner;  // empty: free, or unknown
  base::Result<app::KernelUse> kernels = app::KernelUse{};
};

std::vector<Finding> findings(const Diagnosis& diagnosis);

std::string to_text(const Diagnosis& diagnosis);
std::string to_json(const Diagnosis& diagnosis);

}  // namespace shimmy::cli
