#include "base/machine.h"

#include <fmt/core.h>
#include <sched.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <fstream>
#include <limits>
#include <optional>
#include <sstream>

namespace shimmy::base {
namespace {

// The value of "Name:   123 kB" in a /proc file, in bytes.
std::optional<std::uint64_t> proc_kilobytes(const char* path, std::string_view key) {
  std::ifstream file(path);
  for (std::string line; std::getline(file, line);) {
    if (!line.starts_with(key)) continue;
    std::istringstream rest(line.substr(key.size()));
    std::uint64_t value = 0;
    if (rest >> value) return value * 1024;
  }
  return std::nullopt;
}

std::optional<std::uint64_t> number_in(const char* path) {
  std::ifstream file(path);
  std::uint64_t value = 0;
  if (file >> value) return value;
  return std::nullopt;
}

std::size_t quota_cores() {
  std::ifstream file("/sys/fs/cgroup/cpu.max");  // "max 100000" or "<quota> <period>", microseconds
  double quota = 0;
  double period = 0;
  if (file >> quota >> period && period > 0) {
    return static_cast<std::size_t>(std::max(1.0, std::floor(quota / period)));
  }
  return std::numeric_limits<std::size_t>::max();
}

}  // namespace

std::size_t usable_cores() {
  cpu_set_t set;
  CPU_ZERO(&set);
  const std::size_t affinity =
      sched_getaffinity(0, sizeof set, &set) == 0
          ? static_cast<std::size_t>(CPU_COUNT(&set))
          : static_cast<std::size_t>(std::max(1L, sysconf(_SC_NPROCESSORS_ONLN)));
  return std::max<std::size_t>(1, std::min(affinity, quota_cores()));
}

Memory machine_memory() {
  Memory memory{proc_kilobytes("/proc/meminfo", "MemTotal:").value_or(0),
                proc_kilobytes("/proc/meminfo", "MemAvailable:").value_or(0)};
  if (const auto limit = number_in("/sys/fs/cgroup/memory.max");
      limit && *limit < memory.total_bytes) {
    const std::uint64_t used = number_in("/sys/fs/cgroup/memory.current").value_or(0);
    memory.total_bytes = *limit;
    memory.available_bytes = std::min(memory.available_bytes, *limit - std::min(used, *limit));
  }
  return memory;
}

std::uint64_t resident_bytes() { return proc_kilobytes("/proc/self/status", "VmRSS:").value_or(0); }

std::uint64_t peak_resident_bytes() {
  return proc_kilobytes("/proc/self/status", "VmHWM:").value_or(0);
}

std::string human_bytes(std::uint64_t bytes) {
  constexpr std::array<const char*, 5> units{"B", "kB", "MB", "GB", "TB"};
  auto value = static_cast<double>(bytes);
  std::size_t unit = 0;
  while (value >= 999.95 && unit + 1 < units.size()) {
    value /= 1000;
    ++unit;
  }
  return unit == 0 ? fmt::format("{} B", bytes) : fmt::format("{:.1f} {}", value, units[unit]);
}

void run_in_background() {
  const auto thread = static_cast<id_t>(syscall(SYS_gettid));
  setpriority(PRIO_PROCESS, thread, 10);  // cannot fail when lowering one's own priority
}

std::string missing_cpu_features() {
#if defined(SHIMMY_CPU_AVX2) && defined(__x86_64__)
  std::string missing;
  const auto require = [&missing](bool present, const char* feature) {
    if (!present) missing += missing.empty() ? feature : std::string(", ") + feature;
  };
  require(__builtin_cpu_supports("avx2"), "AVX2");
  require(__builtin_cpu_supports("fma"), "FMA");
  require(__builtin_cpu_supports("f16c"), "F16C");
  require(__builtin_cpu_supports("bmi2"), "BMI2");
  return missing;
#else
  return {};
#endif
}

}  // namespace shimmy::base
