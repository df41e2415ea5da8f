#include "pull/removal.h"

#include <algorithm>
#include <cerrno>
#include <set>
#include <string>
#include <string_view>
#include <system_error>

#include "pull/file_io.h"
#include "pull/file_names.h"
#include "pull/origin.h"
#include "pull/part_file.h"

namespace shimmy::pull {
namespace {

using base::Result;
namespace fs = std::filesystem;

constexpr std::string_view kOriginEnd = ".origin.json";

bool is_there(const fs::path& file) {
  std::error_code error;
  return fs::exists(fs::symlink_status(file, error));
}

// What lies in the directory of `model`; empty where that cannot be read.
std::vector<fs::path> neighbours(const fs::path& model) {
  std::vector<fs::path> files;
  std::error_code error;
  for (fs::directory_iterator entry(model.parent_path(), error), end; !error && entry != end;
       entry.increment(error)) {
    files.push_back(entry->path());
  }
  return files;
}

// The files that other models of the directory were pulled with.
std::set<fs::path> files_of_others(const fs::path& model) {
  std::set<fs::path> files;
  for (const fs::path& neighbour : neighbours(model)) {
    const std::string name = neighbour.string();
    if (!name.ends_with(kOriginEnd) || neighbour == origin_path(model)) continue;
    const fs::path other = name.substr(0, name.size() - kOriginEnd.size());
    if (const auto origin = read_origin(other)) {
      for (const OriginFile& file : origin->files) files.insert(other.parent_path() / file.name);
    }
  }
  return files;
}

void add_with_leftovers(const fs::path& file, std::vector<fs::path>& files) {
  const std::string part = PartFile::path_for(file).string();
  for (const std::string& path : {file.string(), part, part + ".json", part + ".json.tmp"}) {
    if (is_there(path) && std::ranges::find(files, fs::path(path)) == files.end()) {
      files.emplace_back(path);
    }
  }
}

}  // namespace

bool lies_in(const fs::path& file, const fs::path& directory) {
  std::error_code error;
  const fs::path parent = fs::weakly_canonical(file.parent_path(), error);
  if (error || directory.empty()) return false;
  const fs::path inside = parent.lexically_relative(fs::weakly_canonical(directory, error));
  return !error && !inside.empty() && *inside.begin() != "..";
}

std::vector<fs::path> files_of(const fs::path& model) {
  std::vector<fs::path> files;
  add_with_leftovers(model, files);
  if (const auto shard = shard_name(model.string())) {
    for (std::uint32_t number = 1; number <= shard->count; ++number) {
      add_with_leftovers(shard_path(*shard, number), files);
    }
  }
  if (const auto origin = read_origin(model)) {
    const auto others = files_of_others(model);
    for (const OriginFile& file : origin->files) {
      // The record is a file that anybody may have written: it must not lead elsewhere.
      if (safe_path(file.name) != file.name) continue;
      const fs::path path = model.parent_path() / file.name;
      if (!others.contains(path)) add_with_leftovers(path, files);
    }
  }
  for (const std::string end : {"", ".tmp"}) {
    if (const fs::path record = origin_path(model).string() + end; is_there(record)) {
      files.push_back(record);
    }
  }
  return files;
}

std::vector<fs::path> unfinished_models(const fs::path& directory) {
  std::vector<fs::path> models;
  std::error_code error;
  const auto options = fs::directory_options::skip_permission_denied;
  for (fs::recursive_directory_iterator entry(directory, options, error), end;
       !error && entry != end; entry.increment(error)) {
    if (entry->path().extension() != ".part") continue;
    fs::path model = entry->path();
    model.replace_extension();
    const auto shard = shard_name(model.string());
    if (shard) model = shard_path(*shard, 1);
    if (!is_there(model) && std::ranges::find(models, model) == models.end())
      models.push_back(model);
  }
  return models;
}

Result<void> remove_files(const std::vector<fs::path>& files, const fs::path& directory) {
  std::set<fs::path> parents;
  for (const fs::path& file : files) {
    std::error_code error;
    fs::remove(file, error);
    if (error) {
      errno = error.value();
      return file_error("remove", file);
    }
    parents.insert(file.parent_path());
  }
  for (fs::path parent : parents) {
    std::error_code error;
    // Stops at the first directory that is not empty.
    while (lies_in(parent, directory) && fs::remove(parent, error) && !error) {
      parent = parent.parent_path();
    }
  }
  return {};
}

}  // namespace shimmy::pull
