#include "models/model_dirs.h"

#include <algorithm>
#include <system_error>
#include <utility>

namespace shimmy::models {
namespace {

namespace fs = std::filesystem;

// The same directory written in two ways compares equal; nothing need exist.
fs::path normal(const fs::path& path) {
  std::error_code error;
  fs::path result = fs::weakly_canonical(fs::absolute(path), error);
  if (error) result = path.lexically_normal();
  return result.has_filename() ? result : result.parent_path();
}

void append(std::vector<ModelDir>& dirs, fs::path path, std::string_view source) {
  const fs::path wanted = normal(path);
  const bool known =
      std::ranges::any_of(dirs, [&](const ModelDir& dir) { return normal(dir.path) == wanted; });
  if (!known) dirs.push_back({std::move(path), std::string(source), nullptr});
}

void append_list(std::vector<ModelDir>& dirs, std::string_view list, std::string_view source) {
  while (!list.empty()) {
    const std::size_t end = std::min(list.find_first_of(";:"), list.size());
    if (end > 0) append(dirs, list.substr(0, end), source);
    list.remove_prefix(std::min(end + 1, list.size()));
  }
}

}  // namespace

fs::path user_model_dir(const Environment& environment) {
  // The XDG specification has relative values ignored.
  const fs::path data_home = environment("XDG_DATA_HOME").value_or("");
  if (data_home.is_absolute()) return data_home / "shimmy" / "models";
  const std::string home = environment("HOME").value_or("");
  if (home.empty()) return {};
  return fs::path(home) / ".local" / "share" / "shimmy" / "models";
}

std::vector<ModelDir> model_dirs(std::span<const std::string> flags, const Environment& environment,
                                 std::span<const std::string> configured) {
  std::vector<ModelDir> dirs;
  for (const std::string& flag : flags) append(dirs, flag, "--model-dir");
  append_list(dirs, environment("SHIMMY_MODEL_PATHS").value_or(""), "SHIMMY_MODEL_PATHS");
  for (const std::string& path : configured) append(dirs, path, "configuration");
  const fs::path base = environment("SHIMMY_BASE_GGUF").value_or("");
  if (base.has_parent_path()) append(dirs, base.parent_path(), "SHIMMY_BASE_GGUF");
  append(dirs, "models", "./models");
  if (const fs::path user = user_model_dir(environment); !user.empty()) {
    append(dirs, user, "user models");
  }
  return dirs;
}

}  // namespace shimmy::models
