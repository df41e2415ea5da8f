#include "models/stores/jan_imports.h"

#include <algorithm>
#include <system_error>
#include <utility>
#include <vector>

#include "models/file_walk.h"
#include "models/regular_file.h"

namespace shimmy::models::stores {
namespace {

namespace fs = std::filesystem;

// All model.yml, sorted. Links are not followed: there can be no loop.
std::vector<fs::path> descriptions(const fs::path& directory) {
  constexpr std::size_t most_entries = 10'000;
  constexpr int deepest = 3;
  std::vector<fs::path> found;
  std::error_code error;
  fs::recursive_directory_iterator entry(directory, fs::directory_options::skip_permission_denied,
                                         error);
  for (std::size_t i = 0; !error && entry != fs::recursive_directory_iterator(); ++i) {
    if (i == most_entries) break;
    if (entry.depth() >= deepest) entry.disable_recursion_pending();
    if (entry->path().filename() == "model.yml") found.push_back(entry->path());
    entry.increment(error);
  }
  std::ranges::sort(found);
  return found;
}

std::string_view trimmed(std::string_view text) {
  const std::size_t first = text.find_first_not_of(" \t\r");
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(" \t\r") - first + 1);
}

}  // namespace

std::string yaml_text(std::string_view yaml, std::string_view key) {
  while (!yaml.empty()) {
    const std::size_t end = std::min(yaml.find('\n'), yaml.size());
    const std::string_view line = yaml.substr(0, end);
    yaml.remove_prefix(std::min(end + 1, yaml.size()));
    if (!line.starts_with(key) || line.substr(key.size(), 1) != ":") continue;
    std::string_view value = trimmed(line.substr(key.size() + 1));
    const bool is_quoted = value.size() >= 2 && value.front() == value.back() &&
                           (value.front() == '"' || value.front() == '\'');
    if (is_quoted) value = value.substr(1, value.size() - 2);
    return std::string(value);
  }
  return {};
}

void add_jan_imports(const fs::path& directory, StoreContents& contents) {
  constexpr std::size_t longest = 64 << 10;
  for (const fs::path& description : descriptions(directory)) {
    const auto yaml = read_text(description, longest);
    if (!yaml) continue;
    const fs::path model = yaml_text(*yaml, "model_path");
    if (!model.is_absolute() || !has_model_extension(model)) continue;
    std::error_code error;
    FoundFile file;
    file.name = description.parent_path().lexically_relative(directory).generic_string();
    file.path = model;
    file.group = description;
    const fs::path projector = yaml_text(*yaml, "mmproj_path");
    if (projector.is_absolute() && has_model_extension(projector)) file.projector = projector;
    if (fs::exists(model, error)) {
      contents.files.push_back(std::move(file));
    } else {
      contents.broken.push_back(
          {file.name,
           description,
           {},
           description.string() + " names " + model.string() + ", which does not exist.",
           {}});
    }
  }
}

}  // namespace shimmy::models::stores
