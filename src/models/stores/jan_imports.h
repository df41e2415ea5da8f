// Models that Jan was told of and has left where they were.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>

#include "models/stores/store.h"

namespace shimmy::models::stores {

// Adds what the model.yml files below `directory` name by an absolute path. Only regular files with
// the name of a model are taken, wherever they are.
void add_jan_imports(const std::filesystem::path& directory, StoreContents& contents);

// The value of a key at the left margin of a YAML file, without its quotes; empty: none.
std::string yaml_text(std::string_view yaml, std::string_view key);

}  // namespace shimmy::models::stores
