#include "models/model_search.h"

#include <algorithm>
#include <iterator>

#include "models/stores/store.h"

namespace shimmy::models {

std::vector<ModelDir> search_dirs(std::span<const std::string> flags,
                                  const Environment& environment,
                                  std::span<const std::string> configured) {
  std::vector<ModelDir> dirs = model_dirs(flags, environment, configured);
  std::ranges::move(stores::store_dirs({stores::this_system(), environment}),
                    std::back_inserter(dirs));
  return dirs;
}

Catalog ModelSearch::scan(std::span<const ModelDir> dirs, ScanOptions options) {
  options.cache = &cache_;
  Catalog catalog = Catalog::scan(dirs, options);
  static_cast<void>(cache_.save());
  return catalog;
}

}  // namespace shimmy::models
