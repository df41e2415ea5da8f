// One look at all directories: every model once, whichever of its names or shards leads to it.
#pragma once

#include <sys/types.h>

#include <cstddef>
#include <filesystem>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "models/companions.h"
#include "models/describe.h"
#include "models/fact_cache.h"
#include "models/scan_options.h"
#include "models/searched_dir.h"
#include "models/stores/store.h"

namespace shimmy::models {

struct ScanFindings {
  std::vector<ModelEntry> entries;      // with short names, and all their aliases
  std::vector<std::string> qualifiers;  // of the entry with the same index: see NamedFile
  std::vector<bool> is_new;             // likewise: the cache did not know the file
  std::vector<BrokenModel> broken;
};

class CatalogScan {
 public:
  // Both must outlive the scan. Facts come from the cache of the options where there is one.
  CatalogScan(const ScanOptions& options, const FactsReader& read);

  // Directories in the order of search: the first one that has a file names it.
  SearchedDir search(const ModelDir& dir);

  ScanFindings take();

 private:
  using FileId = std::pair<dev_t, ino_t>;

  void add(stores::FoundFile file, SearchedDir& searched);
  void add_model(stores::FoundFile file, Described described, const std::optional<FileId>& id,
                 SearchedDir& searched);
  bool fold(const FileId& id, const ModelEntry& entry);
  void take_companions(stores::FoundFile& file, ModelEntry& entry, SearchedDir& searched);
  bool is_companion(const std::filesystem::path& file, FileKind kind, SearchedDir& searched);

  const ScanOptions& options_;
  const FactsReader read_;
  std::set<std::filesystem::path> shards_;          // seen: directory and base name
  std::multimap<FileId, std::size_t> models_seen_;  // -> place in result_.entries
  std::set<FileId> others_seen_;                    // broken files and companions
  std::vector<Grouped> models_;                     // of the entry with the same index
  std::vector<Grouped> companions_;
  ScanFindings result_;
};

}  // namespace shimmy::models
