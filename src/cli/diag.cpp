#include "cli/diag.h"

#include <CLI/App.hpp>
#include <array>
#include <fstream>
#include <set>
#include <sstream>

#include "app/port_check.h"
#include "cli/diagnosis.h"
#include "cli/flags.h"

namespace shimmy::cli {
namespace {

std::string cpu_flags() {
  std::ifstream file("/proc/cpuinfo");
  for (std::string line; std::getline(file, line);) {
    if (line.starts_with("flags") || line.starts_with("Features")) {
      return line.substr(std::min(line.find(':') + 1, line.size()));
    }
  }
  return {};
}

void add_flags(CLI::App& app, DiagOptions& options) {
  app.add_flag("--json", options.json, "print one JSON object");
  add_model_dirs(app, options.model_dirs);
}

}  // namespace

std::vector<std::string> inference_features(std::string_view flags) {
  struct Feature {
    const char* flag;
    const char* name;
  };
  constexpr std::array features{Feature{"sse4_2", "SSE4.2"},
                                Feature{"avx", "AVX"},
                                Feature{"avx2", "AVX2"},
                                Feature{"fma", "FMA"},
                                Feature{"f16c", "F16C"},
                                Feature{"bmi2", "BMI2"},
                                Feature{"avx_vnni", "AVX-VNNI"},
                                Feature{"avx512f", "AVX512F"},
                                Feature{"avx512bw", "AVX512BW"},
                                Feature{"avx512_vnni", "AVX512-VNNI"},
                                Feature{"avx512_bf16", "AVX512-BF16"},
                                Feature{"amx_int8", "AMX-INT8"},
                                Feature{"asimd", "NEON"},
                                Feature{"asimddp", "DOTPROD"},
                                Feature{"i8mm", "I8MM"},
                                Feature{"sve", "SVE"}};
  std::istringstream words{std::string(flags)};
  const std::set<std::string> present{std::istream_iterator<std::string>(words), {}};
  std::vector<std::string> result;
  for (const Feature& feature : features) {
    if (present.contains(feature.flag)) result.emplace_back(feature.name);
  }
  return result;
}

int diag(const DiagOptions& options, Terminal& terminal, const Services& services) {
  const app::BindAddress address;
  Diagnosis diagnosis{inference_features(cpu_flags()),
                      base::missing_cpu_features(),
                      base::usable_cores(),
                      base::machine_memory(),
                      services.devices(),
                      services.scan(options.model_dirs),
                      address,
                      app::is_free(address),
                      {},
                      services.kernel_use()};
  if (!diagnosis.port_is_free) diagnosis.port_owner = app::listener_on(address.port);
  return finish(terminal, options.json ? to_json(diagnosis) : to_text(diagnosis));
}

Command diag_command() {
  return plain_command<DiagOptions>("diag", "look at machine, models and port: what is wrong?",
                                    add_flags, diag);
}

}  // namespace shimmy::cli
