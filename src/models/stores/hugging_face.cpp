#include "models/stores/hugging_face.h"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <set>
#include <system_error>

#include "base/escape.h"
#include "models/file_walk.h"
#include "models/regular_file.h"
#include "models/stores/hub_names.h"

namespace shimmy::models::stores {
namespace {

namespace fs = std::filesystem;

constexpr std::array kLocations{
    Location{Location::On::All, "$HF_HUB_CACHE"},
    Location{Location::On::All, "$HUGGINGFACE_HUB_CACHE"},
    Location{Location::On::All, "$HF_HOME/hub"},
    Location{Location::On::All, "$XDG_CACHE_HOME/huggingface/hub"},
    Location{Location::On::All, "~/.cache/huggingface/hub"},
};

// "models--org--repo" -> "org/repo"; empty for other directories.
std::string repository_of(std::string_view directory) {
  constexpr std::string_view prefix = "models--";
  if (!directory.starts_with(prefix)) return {};
  std::string name(directory.substr(prefix.size()));
  if (const std::size_t cut = name.find("--"); cut != std::string::npos) name.replace(cut, 2, "/");
  return name;
}

// The directories in `directory`, sorted by name.
std::vector<fs::path> directories_in(const fs::path& directory,
                                     std::vector<std::string>& problems) {
  std::vector<fs::path> found;
  std::error_code error;
  fs::directory_iterator entry(directory, error);
  for (; !error && entry != fs::directory_iterator(); entry.increment(error)) {
    std::error_code ignored;
    if (entry->is_directory(ignored)) found.push_back(entry->path());
  }
  if (error && error != std::errc::no_such_file_or_directory) {
    problems.push_back(fmt::format("Cannot read the directory {}: {}.",
                                   base::escape_control(directory.native()), error.message()));
  }
  std::ranges::sort(found);
  return found;
}

// The revision that the name "main" stands for; empty: unknown.
std::string main_revision(const fs::path& repository) {
  constexpr std::size_t longest = 256;
  auto text = read_text(repository / "refs" / "main", longest);
  if (!text) return {};
  const std::size_t end = text->find_last_not_of(" \t\r\n");
  text->resize(end == std::string::npos ? 0 : end + 1);
  // A name of a directory and nothing else: the file may be anybody's.
  const bool is_name = text->find('/') == std::string::npos && *text != "." && *text != "..";
  return is_name ? *text : std::string();
}

// The main revision first, then the newest: older ones may hold files that it lacks.
std::vector<fs::path> revisions(const fs::path& repository, std::vector<std::string>& problems) {
  struct Revision {
    bool is_main;
    fs::file_time_type time;
    fs::path path;
  };
  const std::string main = main_revision(repository);
  std::vector<Revision> all;
  for (fs::path& path : directories_in(repository / "snapshots", problems)) {
    std::error_code error;
    const fs::file_time_type time = fs::last_write_time(path, error);
    const bool is_main = path.filename() == main;
    all.push_back({is_main, time, std::move(path)});
  }
  std::ranges::stable_sort(all, [](const Revision& a, const Revision& b) {
    return a.is_main != b.is_main ? a.is_main : a.time > b.time;
  });
  std::vector<fs::path> paths;
  paths.reserve(all.size());
  for (Revision& revision : all) paths.push_back(std::move(revision.path));
  return paths;
}

void find_in_repository(const fs::path& directory, const std::string& repository,
                        StoreContents& contents) {
  std::vector<FoundFile> files;
  std::set<fs::path> seen;  // relative to the revision
  for (const fs::path& revision : revisions(directory, contents.problems)) {
    Walk walk = find_model_files(revision);
    std::ranges::move(walk.problems, std::back_inserter(contents.problems));
    for (fs::path& file : walk.files) {
      if (!seen.insert(file.lexically_relative(revision)).second) continue;
      FoundFile found;
      found.path = std::move(file);
      found.group = directory;
      files.push_back(std::move(found));
    }
  }
  name_hub_files(repository, files);
  std::ranges::move(files, std::back_inserter(contents.files));
}

StoreContents find(const fs::path& root) {
  StoreContents contents;
  for (const fs::path& directory : directories_in(root, contents.problems)) {
    const std::string repository = repository_of(directory.filename().string());
    if (!repository.empty()) find_in_repository(directory, repository, contents);
  }
  return contents;
}

}  // namespace

Store hugging_face_store() { return {"hugging face", kLocations, find}; }

}  // namespace shimmy::models::stores
