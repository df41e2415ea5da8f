#include "base/cgroup.h"

#include <algorithm>
#include <fstream>
#include <limits>
#include <string>
#include <string_view>

namespace shimmy::base {
namespace {

namespace fs = std::filesystem;

// Where this process is in the v2 tree: the line "0::/user.slice/…". "/" inside most containers.
fs::path group_path(const fs::path& self) {
  std::ifstream file(self);
  for (std::string line; std::getline(file, line);) {
    constexpr std::string_view prefix = "0::/";
    if (line.starts_with(prefix)) return fs::path(line.substr(prefix.size())).lexically_normal();
  }
  return {};
}

std::optional<std::uint64_t> number_in(const fs::path& path) {
  std::ifstream file(path);
  std::uint64_t value = 0;
  if (file >> value) return value;
  return std::nullopt;  // also for "max"
}

std::optional<double> core_quota(const fs::path& group) {
  std::ifstream file(group / "cpu.max");  // "max 100000" or "<quota> <period>", microseconds
  double quota = 0;
  double period = 0;
  if (file >> quota >> period && quota > 0 && period > 0) return quota / period;
  return std::nullopt;
}

// File cache can be dropped at any moment: it is no reason to call memory used.
std::uint64_t reclaimable_bytes(const fs::path& group) {
  std::ifstream file(group / "memory.stat");
  std::uint64_t sum = 0;
  std::string key;
  std::uint64_t value = 0;
  while (file >> key >> value) {
    if (key == "inactive_file" || key == "active_file") sum += value;
  }
  return sum;
}

void tighten(CgroupLimits& limits, const fs::path& group) {
  if (const auto cores = core_quota(group)) {
    limits.cores = std::min(limits.cores.value_or(std::numeric_limits<double>::infinity()), *cores);
  }
  const auto limit = number_in(group / "memory.max");
  if (!limit) return;
  const std::uint64_t current = number_in(group / "memory.current").value_or(0);
  const std::uint64_t used = current - std::min(current, reclaimable_bytes(group));
  const std::uint64_t available = *limit - std::min(*limit, used);
  limits.memory_available_bytes =
      limits.memory_bytes ? std::min(limits.memory_available_bytes, available) : available;
  limits.memory_bytes = std::min(limits.memory_bytes.value_or(*limit), *limit);
}

}  // namespace

CgroupLimits cgroup_limits(const fs::path& self, const fs::path& root) {
  CgroupLimits limits;
  tighten(limits, root);
  fs::path group = root;
  for (const fs::path& part : group_path(self)) {
    if (part.empty() || part == "..") break;
    group /= part;
    tighten(limits, group);
  }
  return limits;
}

}  // namespace shimmy::base
