// Stores that are plain directories of model files.
#pragma once

#include <filesystem>
#include <functional>

#include "models/stores/store.h"

namespace shimmy::models::stores {

// Gives a file its name and aliases; it has its stem as the name at first. `relative`: its path
// below the root.
using NameFile = std::function<void(FoundFile& file, const std::filesystem::path& relative)>;

// The model files below `root`, named by their stems, or as `name` says; each in the group of its
// directory.
StoreContents walk_store(const std::filesystem::path& root, const NameFile& name = {});

}  // namespace shimmy::models::stores
