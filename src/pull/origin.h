// Where a model of shimmy's own came from: model.gguf.origin.json beside it.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "base/error.h"
#include "pull/plan.h"

namespace shimmy::pull {

struct OriginFile {
  std::string name;  // in the directory of the record, or below it
  std::uint64_t bytes = 0;
  std::string sha256;
  std::string url;  // without secrets
};

struct Origin {
  std::string reference;             // "org/repo:Q4_K_M"
  std::vector<std::string> aliases;  // all names that mean it
  std::vector<OriginFile> files;     // the model or its first shard first
  std::vector<SideText> texts;
};

// `model`: the file, or its first shard.
std::filesystem::path origin_path(const std::filesystem::path& model);

// Empty where there is none, or it cannot be understood.
std::optional<Origin> read_origin(const std::filesystem::path& model);

base::Result<void> write_origin(const std::filesystem::path& model, const Origin& origin);

}  // namespace shimmy::pull
