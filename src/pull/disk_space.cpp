#include "pull/disk_space.h"

#include <sys/statvfs.h>

#include <cerrno>
#include <cstring>
#include <system_error>

#include "base/quantity.h"

namespace shimmy::pull {

using base::ErrorCode;
using base::Result;
namespace fs = std::filesystem;

Result<std::uint64_t> free_space(const fs::path& directory) {
  struct statvfs space{};
  if (statvfs(directory.c_str(), &space) != 0) {
    return base::fail(ErrorCode::Io, "Cannot tell how much room there is in {}: {}.",
                      directory.string(), std::strerror(errno));
  }
  return static_cast<std::uint64_t>(space.f_bavail) * space.f_frsize;
}

Result<void> check_space(const fs::path& directory, std::uint64_t needed, const FreeSpace& free) {
  fs::path existing = directory;
  std::error_code ignored;
  while (!fs::is_directory(existing, ignored) && existing.has_relative_path()) {
    existing = existing.parent_path();
  }
  const auto bytes = free(existing);
  if (!bytes) return std::unexpected(bytes.error());
  if (*bytes >= needed) return {};
  return base::fail(
      ErrorCode::Io,
      "Not enough room: {} are still to be fetched, and the disk of {} has {} free. Free "
      "{} more, or choose another disk with --dir.",
      base::human_bytes(needed), directory.string(), base::human_bytes(*bytes),
      base::human_bytes(needed - *bytes));
}

}  // namespace shimmy::pull
