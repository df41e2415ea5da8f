// The models on this machine: found, described from their headers, and named.
#pragma once

#include <cstddef>
#include <filesystem>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "models/file_facts.h"
#include "models/model_dirs.h"
#include "models/model_entry.h"

namespace shimmy::models {

// A file that is there but cannot be used.
struct BrokenModel {
  std::string name;  // its short name
  std::filesystem::path path;
  std::string source;
  std::string reason;  // a full sentence that names the file
};

// What the search of one directory gave.
struct SearchedDir {
  ModelDir dir;
  bool exists = false;
  std::size_t models = 0;
  std::size_t broken = 0;
  std::vector<std::string> problems;  // full sentences
};

// A snapshot; immutable after scan().
class Catalog {
 public:
  // Reads directories and file headers; blocks meanwhile. Never fails: see broken() and dirs().
  static Catalog scan(std::span<const ModelDir> dirs, const FactsReader& read = read_file_facts);

  const std::vector<ModelEntry>& entries() const { return entries_; }  // sorted by name
  const std::vector<BrokenModel>& broken() const { return broken_; }
  const std::vector<SearchedDir>& dirs() const { return dirs_; }

  // By name alone, never by path: letter case aside, and without its "@directory" where that is not
  // needed. Fails with ModelNotFound (the message names near ones; the details name the directories
  // when nothing was found at all), InvalidRequest (several models have the name: they are listed)
  // or ModelLoadFailed (the file of that name is broken).
  base::Result<ModelEntry> find(std::string_view name) const;

  // By name, or by the path of a model file inside or outside of the directories. Fails as find()
  // and describe() do.
  base::Result<ModelEntry> resolve(std::string_view name_or_path,
                                   const FactsReader& read = read_file_facts) const;

 private:
  base::Error not_found(std::string_view name) const;
  void name_entries();

  std::vector<ModelEntry> entries_;
  std::vector<std::string> short_names_;  // of the entry with the same index
  std::vector<BrokenModel> broken_;
  std::vector<SearchedDir> dirs_;
};

// "--model-dir /m (does not exist), ./models (no models)": for messages.
std::string summary(std::span<const SearchedDir> dirs);

// What to do when there are no models: a sentence.
std::string_view how_to_get_a_model();

}  // namespace shimmy::models
