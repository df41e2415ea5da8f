#include "base/machine.h"

#include <fcntl.h>
#include <malloc.h>
#include <sched.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <fstream>
#include <limits>
#include <optional>
#include <sstream>
#include <string_view>

#include "base/cgroup.h"

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

}  // namespace

std::size_t usable_cores() {
  cpu_set_t set;
  CPU_ZERO(&set);
  const std::size_t affinity =
      sched_getaffinity(0, sizeof set, &set) == 0
          ? static_cast<std::size_t>(CPU_COUNT(&set))
          : static_cast<std::size_t>(std::max(1L, sysconf(_SC_NPROCESSORS_ONLN)));
  const double quota = cgroup_limits().cores.value_or(std::numeric_limits<double>::infinity());
  return quota < static_cast<double>(affinity)
             ? std::max<std::size_t>(1, static_cast<std::size_t>(quota))
             : affinity;
}

Memory machine_memory() {
  Memory memory{proc_kilobytes("/proc/meminfo", "MemTotal:").value_or(0),
                proc_kilobytes("/proc/meminfo", "MemAvailable:").value_or(0)};
  if (const CgroupLimits limits = cgroup_limits(); limits.memory_bytes) {
    memory.total_bytes = std::min(memory.total_bytes, *limits.memory_bytes);
    memory.available_bytes = std::min(memory.available_bytes, limits.memory_available_bytes);
  }
  return memory;
}

// Health checks ask for it thousands of times a second: the file stays open, and has one line
// ("size resident …", in pages).
std::uint64_t resident_bytes() {
  static const int file = ::open("/proc/self/statm", O_RDONLY | O_CLOEXEC);
  static const auto page = static_cast<std::uint64_t>(::sysconf(_SC_PAGESIZE));
  std::array<char, 128> text{};
  const ssize_t length = ::pread(file, text.data(), text.size(), 0);
  if (length <= 0) return 0;
  const std::string_view line(text.data(), static_cast<std::size_t>(length));
  const std::size_t space = line.find(' ');
  std::uint64_t pages = 0;
  if (space != std::string_view::npos) {
    std::from_chars(line.data() + space + 1, line.data() + line.size(), pages);
  }
  return pages * page;
}

std::uint64_t peak_resident_bytes() {
  return proc_kilobytes("/proc/self/status", "VmHWM:").value_or(0);
}

void return_freed_memory() {
#ifdef __GLIBC__
  ::malloc_trim(0);
#endif
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
