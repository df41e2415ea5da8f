// What is known of an unfinished file, so that the next pull can go on with it.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>

#include "base/error.h"

namespace shimmy::pull {

struct PartRecord {
  std::uint64_t bytes = 0;   // of the whole file; 0: unknown
  std::string sha256;        // of the whole file; empty: unknown
  std::string validator;     // a strong ETag, or a Last-Modified date, for If-Range; may be empty
  std::uint64_t synced = 0;  // bytes that are surely on the disk
};

// Empty where there is none, or it cannot be understood.
std::optional<PartRecord> read_part_record(const std::filesystem::path& file);

// Replaces the file as a whole, by way of `<file>.tmp`. Fails with Io.
base::Result<void> write_part_record(const std::filesystem::path& file, const PartRecord& record);

}  // namespace shimmy::pull
