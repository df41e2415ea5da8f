#include "models/model_files.h"

#include "gguf/shard_name.h"

namespace shimmy::models {

namespace fs = std::filesystem;

std::vector<fs::path> named_shards(const fs::path& file) {
  const auto shard = gguf::parse_shard_name(file.stem().string());
  if (!shard) return {file};
  std::vector<fs::path> shards;
  shards.reserve(shard->count);
  for (std::uint32_t number = 1; number <= shard->count; ++number) {
    shards.push_back(file.parent_path() /
                     (gguf::shard_stem(*shard, number) + file.extension().string()));
  }
  return shards;
}

std::vector<fs::path> files_of(const ModelEntry& entry) {
  if (entry.more_files.empty()) return named_shards(entry.path);
  std::vector<fs::path> files{entry.path};
  files.insert(files.end(), entry.more_files.begin(), entry.more_files.end());
  return files;
}

}  // namespace shimmy::models
