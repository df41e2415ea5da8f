// Looking for models on this machine, as often as needed: headers are read once.
#pragma once

#include <filesystem>
#include <span>
#include <string>
#include <vector>

#include "models/catalog.h"
#include "models/fact_cache.h"
#include "models/model_dirs.h"
#include "models/scan_options.h"

namespace shimmy::models {

// The directories that hold models: model_dirs(), then the stores of other programs.
std::vector<ModelDir> search_dirs(std::span<const std::string> flags,
                                  const Environment& environment);

class ModelSearch {
 public:
  // Remembers headers in `cache_file`; see FactCache. The cache of `options` is not used.
  ModelSearch(std::vector<ModelDir> dirs, ScanOptions options, std::filesystem::path cache_file);

  // Blocks while it reads directories and the headers that it does not know. A cache that cannot be
  // written is no failure: the next search takes longer. Any thread.
  Catalog scan();

  const std::vector<ModelDir>& dirs() const { return dirs_; }

 private:
  const std::vector<ModelDir> dirs_;
  FactCache cache_;
  const ScanOptions options_;
};

}  // namespace shimmy::models
