// The limits that a container or a service manager puts on this process (cgroup v2).
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>

namespace shimmy::base {

struct CgroupLimits {
  std::optional<double> cores;                // CPU time per wall time; none: no limit
  std::optional<std::uint64_t> memory_bytes;  // none: no limit
  std::uint64_t memory_available_bytes = 0;   // left below the tightest limit; file cache counts as
                                              // free. Only with memory_bytes
};

// The tightest limits from this process's group up to the root. Files that are absent or make no
// sense set no limit.
CgroupLimits cgroup_limits(const std::filesystem::path& self = "/proc/self/cgroup",
                           const std::filesystem::path& root = "/sys/fs/cgroup");

}  // namespace shimmy::base
