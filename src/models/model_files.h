// Which files a model consists of.
#pragma once

#include <filesystem>
#include <vector>

#include "models/model_entry.h"

namespace shimmy::models {

// As the name of `file`, any of them, says: "m-00001-of-00002.gguf" and its brother, in order; else
// `file` alone. They need not exist.
std::vector<std::filesystem::path> named_shards(const std::filesystem::path& file);

// All files of the model, the first one first.
std::vector<std::filesystem::path> files_of(const ModelEntry& entry);

}  // namespace shimmy::models
