// Looking for models on this machine, as often as needed: headers are read once.
#pragma once

#include <filesystem>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "models/catalog.h"
#include "models/fact_cache.h"
#include "models/model_dirs.h"
#include "models/scan_options.h"

namespace shimmy::models {

// The directories that hold models: model_dirs(), then the stores of other programs.
std::vector<ModelDir> search_dirs(std::span<const std::string> flags,
                                  const Environment& environment,
                                  std::span<const std::string> configured = {});

class ModelSearch {
 public:
  // Remembers headers in `cache_file`; see FactCache.
  explicit ModelSearch(std::filesystem::path cache_file) : cache_(std::move(cache_file)) {}

  // Blocks while it reads directories and the headers that it does not know. A cache that cannot be
  // written is no failure: the next search takes longer. The cache of `options` is not used. Any
  // thread.
  Catalog scan(std::span<const ModelDir> dirs, ScanOptions options = {});

 private:
  FactCache cache_;
};

}  // namespace shimmy::models
