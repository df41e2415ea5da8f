#include "llama/mapped_files.h"

#include <sys/mman.h>

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <fstream>
#include <optional>
#include <string_view>
#include <system_error>

#include "gguf/shard_name.h"

namespace shimmy::llama {
namespace {

struct Mapping {
  std::uintptr_t begin = 0;
  std::uintptr_t end = 0;
  std::string_view path;
};

// A line of /proc/self/maps: "begin-end rights offset device inode   path".
std::optional<Mapping> parse(std::string_view line) {
  const std::size_t path = line.find('/');
  if (path == std::string_view::npos) return std::nullopt;
  Mapping mapping{.path = line.substr(path)};
  const char* const last = line.data() + line.size();
  const auto begin = std::from_chars(line.data(), last, mapping.begin, 16);
  if (begin.ec != std::errc() || *begin.ptr != '-') return std::nullopt;
  const auto end = std::from_chars(begin.ptr + 1, last, mapping.end, 16);
  if (end.ec != std::errc()) return std::nullopt;
  return mapping;
}

}  // namespace

MappedFiles::MappedFiles(const std::filesystem::path& first_file) {
  const auto add = [this](const std::filesystem::path& file) {
    std::error_code missing;
    paths_.push_back(std::filesystem::canonical(file, missing).string());
  };
  const auto shard = gguf::parse_shard_name(first_file.stem().string());
  if (!shard) add(first_file);
  for (std::uint32_t number = 1; shard && number <= shard->count; ++number) {
    add(first_file.parent_path() /
        (gguf::shard_stem(*shard, number) + first_file.extension().string()));
  }
}

void MappedFiles::release_pages() const {
  std::ifstream maps("/proc/self/maps");
  for (std::string line; std::getline(maps, line);) {
    const auto mapping = parse(line);
    if (!mapping || std::ranges::find(paths_, mapping->path) == paths_.end()) continue;
    void* const begin =
        reinterpret_cast<void*>(mapping->begin);  // NOLINT(performance-no-int-to-ptr)
    madvise(begin, mapping->end - mapping->begin, MADV_DONTNEED);
  }
}

}  // namespace shimmy::llama
