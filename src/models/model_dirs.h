// Which directories are searched for models, and why each one is.
#pragma once

#include <filesystem>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace shimmy::models {

namespace stores {
struct Store;
}

struct ModelDir {
  std::filesystem::path path;
  std::string source;  // what named it: "--model-dir", "SHIMMY_MODEL_PATHS", …; shown to users
  const stores::Store* store =
      nullptr;  // whose layout it has; null: none, files lie anywhere in it
};

// The value of an environment variable; empty where it is not set.
using Environment = std::function<std::optional<std::string>(std::string_view name)>;

// In order of search: `flags` (the values of --model-dir), $SHIMMY_MODEL_PATHS (separated by ';' or
// ':'), `configured` (those of the configuration file), the directory of $SHIMMY_BASE_GGUF,
// ./models, and shimmy/models below $XDG_DATA_HOME (~/.local/share where that is not set). Each
// directory once. Directories that do not exist are in the list too.
std::vector<ModelDir> model_dirs(std::span<const std::string> flags, const Environment& environment,
                                 std::span<const std::string> configured = {});

// Where scripts/fetch-model puts models; empty when neither XDG_DATA_HOME nor HOME is set.
std::filesystem::path user_model_dir(const Environment& environment);

}  // namespace shimmy::models
