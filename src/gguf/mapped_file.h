// A regular file, mapped into memory to be read.
#pragma once

#include <cstddef>
#include <filesystem>
#include <memory>
#include <span>

#include "base/error.h"

namespace shimmy::gguf {

// The bytes live as long as the object. A file that somebody shortens meanwhile raises SIGBUS on a
// read beyond its new end, as it does for libllama.
class MappedFile {
 public:
  // Never waits: a FIFO, device, directory or empty file is refused with ModelLoadFailed, one that
  // cannot be opened or mapped with Io.
  static base::Result<std::shared_ptr<const MappedFile>> open(const std::filesystem::path& path);

  ~MappedFile();
  MappedFile(const MappedFile&) = delete;
  MappedFile& operator=(const MappedFile&) = delete;

  std::span<const std::byte> bytes() const { return bytes_; }

 private:
  explicit MappedFile(std::span<std::byte> bytes) : bytes_(bytes) {}

  std::span<std::byte> bytes_;  // mapped to be read only
};

}  // namespace shimmy::gguf
