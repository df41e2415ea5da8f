// The models on this machine: found, described from their headers, and named.
#pragma once

#include <cstddef>
#include <map>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "models/broken_model.h"
#include "models/file_facts.h"
#include "models/model_dirs.h"
#include "models/model_entry.h"
#include "models/name_index.h"
#include "models/scan_options.h"
#include "models/searched_dir.h"

namespace shimmy::models {

struct ScanFindings;

// A snapshot; immutable after scan().
class Catalog {
 public:
  // Reads directories and file headers; blocks meanwhile. Never fails: see broken() and dirs().
  static Catalog scan(std::span<const ModelDir> dirs, const FactsReader& read = read_file_facts);
  static Catalog scan(std::span<const ModelDir> dirs, const ScanOptions& options,
                      const FactsReader& read = read_file_facts);

  const std::vector<ModelEntry>& entries() const { return entries_; }  // sorted by name
  const std::vector<BrokenModel>& broken() const { return broken_; }
  // Stores only where there are some.
  const std::vector<SearchedDir>& dirs() const { return dirs_; }

  // Whether the cache of headers did not know this entry; false where there was no cache.
  bool is_new(const ModelEntry& entry) const { return new_names_.contains(entry.name); }

  // By name alone, never by path: the user's own aliases first, then names, then other aliases;
  // letter case aside, and without its "@directory" where that is not needed. "hf.co/" before and
  // ":latest" behind a name may be there or not. Fails with ModelNotFound (the message names near
  // ones; the details name the directories when nothing was found at all), InvalidRequest (several
  // models have the name: they are listed) or ModelLoadFailed (the file of that name is broken).
  base::Result<ModelEntry> find(std::string_view name) const;

  // By name, or by the path of a model file inside or outside of the directories. Fails as find()
  // and describe() do.
  base::Result<ModelEntry> resolve(std::string_view name_or_path,
                                   const FactsReader& read = read_file_facts) const;

 private:
  base::Result<ModelEntry> find_plain(std::string_view name) const;
  base::Error ambiguous(std::string_view name, std::span<const std::size_t> found) const;
  base::Error not_found(std::string_view name) const;
  void name_entries(ScanFindings& found);
  void settle_aliases();

  std::vector<ModelEntry> entries_;
  NameIndex index_;                                  // of entries_
  std::map<std::string, std::string> user_aliases_;  // lower case -> name
  std::set<std::string, std::less<>> new_names_;
  std::vector<BrokenModel> broken_;
  std::vector<SearchedDir> dirs_;
};

// "--model-dir /m (does not exist), ./models (no models)": for messages.
std::string summary(std::span<const SearchedDir> dirs);

// What to do when there are no models: a sentence.
std::string_view how_to_get_a_model();

}  // namespace shimmy::models
