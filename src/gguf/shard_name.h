// The file names of models that are split into several files.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace shimmy::gguf {

// "<base>-00002-of-00005": shard 2 of 5.
struct ShardName {
  std::string base;
  std::uint32_t number = 1;  // from 1
  std::uint32_t count = 1;
};

// Empty when `stem` (a file name, or a path, without its extension) is not the name of a shard.
std::optional<ShardName> parse_shard_name(std::string_view stem);

// The stem of shard `number` of the same model.
std::string shard_stem(const ShardName& shard, std::uint32_t number);

}  // namespace shimmy::gguf
