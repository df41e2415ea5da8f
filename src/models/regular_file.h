// Files of foreign directories, opened so that nothing there can make us wait or crash.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <span>
#include <string>

#include "base/error.h"

namespace shimmy::models {

// Read by copying: a file that somebody shortens meanwhile is read short, where a mapped one would
// end the process.
class RegularFile {
 public:
  // Never waits: a named pipe, socket, device or directory is refused with ModelLoadFailed, what
  // cannot be opened with Io, and what is not there with ModelNotFound.
  static base::Result<RegularFile> open(const std::filesystem::path& path);

  ~RegularFile();
  RegularFile(RegularFile&& other) noexcept;
  RegularFile& operator=(RegularFile&& other) noexcept;

  std::uint64_t size() const { return size_; }  // when it was opened

  // The bytes from `offset` on; how many there were.
  std::size_t read(std::span<std::byte> bytes, std::uint64_t offset) const;

 private:
  RegularFile(int descriptor, std::uint64_t size) : descriptor_(descriptor), size_(size) {}

  int descriptor_ = -1;
  std::uint64_t size_ = 0;
};

// The whole file. Fails as open() does, and with ModelLoadFailed if it is larger than `limit`.
base::Result<std::string> read_text(const std::filesystem::path& path, std::size_t limit);

}  // namespace shimmy::models
