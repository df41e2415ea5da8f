#include "models/stores/llama_cpp_cache.h"

#include <algorithm>
#include <array>
#include <iterator>
#include <map>
#include <system_error>
#include <utility>

#include "base/letter_case.h"
#include "models/name_index.h"
#include "models/stores/hub_names.h"
#include "models/stores/walked_store.h"

namespace shimmy::models::stores {
namespace {

namespace fs = std::filesystem;

constexpr std::array kLocations{
    Location{Location::On::All, "$LLAMA_CACHE"},
    Location{Location::On::Linux, "$XDG_CACHE_HOME/llama.cpp"},
    Location{Location::On::Linux, "~/.cache/llama.cpp"},
    Location{Location::On::MacOs, "~/Library/Caches/llama.cpp"},
    Location{Location::On::Windows, "$LOCALAPPDATA/llama.cpp"},
};

// "manifest=org=repo=tag.json" -> "org/repo"; empty for other files.
std::string repository_of_manifest(std::string_view file) {
  constexpr std::string_view prefix = "manifest=";
  if (!file.starts_with(prefix)) return {};
  file.remove_prefix(prefix.size());
  const std::size_t org = file.find('=');
  if (org == std::string_view::npos) return {};
  const std::size_t repo = file.find('=', org + 1);
  if (repo == std::string_view::npos || org == 0 || repo == org + 1) return {};
  return std::string(file.substr(0, org)) + "/" + std::string(file.substr(org + 1, repo - org - 1));
}

// Of all manifests, by the start of the names of their files: "org_repo_" -> "org/repo".
std::map<std::string, std::string> repositories(const fs::path& root) {
  constexpr std::size_t most = 100'000;
  std::map<std::string, std::string> found;
  std::error_code error;
  fs::directory_iterator entry(root, error);
  for (std::size_t i = 0; !error && entry != fs::directory_iterator() && i < most; ++i) {
    const std::string repository = repository_of_manifest(entry->path().filename().string());
    std::string start = repository + "_";
    std::ranges::replace(start, '/', '_');
    if (!repository.empty()) found[start] = repository;
    entry.increment(error);
  }
  return found;
}

// Without a manifest: no organisation has a '_' in its name, and most repositories end in "-GGUF".
std::string guessed_repository(const std::string& stem) {
  const std::size_t org = stem.find('_');
  const std::size_t end = base::lowered(stem).find("-gguf_");
  if (org == std::string::npos || end == std::string::npos || end < org) return {};
  const std::size_t repo_end = end + std::string_view("-gguf").size();
  return stem.substr(0, org) + "/" + stem.substr(org + 1, repo_end - org - 1);
}

std::string repository_of(const std::string& stem,
                          const std::map<std::string, std::string>& known) {
  std::string found;
  std::size_t longest = 0;
  for (const auto& [start, repository] : known) {
    if (!stem.starts_with(start) || start.size() < longest) continue;
    found = repository;
    longest = start.size();
  }
  return found.empty() ? guessed_repository(stem) : found;
}

StoreContents find(const fs::path& root) {
  StoreContents contents = walk_store(root);
  const auto known = repositories(root);
  std::map<std::string, std::vector<FoundFile>> by_repository;
  for (FoundFile& file : contents.files) {
    std::string repository = repository_of(file.name, known);
    by_repository[std::move(repository)].push_back(std::move(file));
  }
  contents.files.clear();
  for (auto& [repository, files] : by_repository) {
    if (!repository.empty()) {
      name_hub_files(repository, files);
      for (FoundFile& file : files) {
        file.aliases.push_back(model_stem(file.path));
        file.group = root / repository;
      }
    }
    std::ranges::move(files, std::back_inserter(contents.files));
  }
  return contents;
}

}  // namespace

Store llama_cpp_store() { return {"llama.cpp", kLocations, find}; }

}  // namespace shimmy::models::stores
