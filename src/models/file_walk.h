// Finds the model files below a directory.
#pragma once

#include <cstddef>
#include <filesystem>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace shimmy::models {

struct WalkLimits {
  std::size_t depth = 6;          // directories below the first
  std::size_t entries = 100'000;  // directory entries looked at
};

struct Walk {
  std::vector<std::filesystem::path> files;  // *.gguf in any letter case, sorted
  std::vector<std::string> problems;  // full sentences: what could not be read, or was left out
};

// Follows symbolic links, each directory once, so that loops end. Skips names that start with a
// dot. Never fails: what cannot be read becomes a problem. A directory that does not exist is an
// empty Walk.
Walk find_model_files(const std::filesystem::path& directory, const WalkLimits& limits = {});

// True for names that end in ".gguf", letter case aside.
bool has_model_extension(const std::filesystem::path& path);

}  // namespace shimmy::models
