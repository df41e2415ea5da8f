// The bytes of the cache of headers.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "models/file_facts.h"

namespace shimmy::models {

// A file as it was when its header was read.
struct FileStamp {
  std::uint64_t size = 0;
  std::int64_t modified_ns = 0;
  std::uint64_t inode = 0;
  std::uint64_t device = 0;

  friend bool operator==(const FileStamp&, const FileStamp&) = default;
};

struct FactRecord {
  std::string path;
  FileStamp stamp;
  FileFacts facts;
};

std::string encode_records(std::span<const FactRecord* const> records);

// Empty for bytes that encode_records() of this version has not written, down to the last one.
std::vector<FactRecord> decode_records(std::span<const std::byte> bytes);

}  // namespace shimmy::models
