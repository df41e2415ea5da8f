#include "models/model_search.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "models/store.h"

namespace shimmy::models {
namespace {

ScanOptions with_cache(ScanOptions options, FactCache& cache) {
  options.cache = &cache;
  return options;
}

}  // namespace

std::vector<ModelDir> search_dirs(std::span<const std::string> flags,
                                  const Environment& environment) {
  std::vector<ModelDir> dirs = model_dirs(flags, environment);
  std::ranges::move(store_dirs({this_system(), environment}), std::back_inserter(dirs));
  return dirs;
}

ModelSearch::ModelSearch(std::vector<ModelDir> dirs, ScanOptions options,
                         std::filesystem::path cache_file)
    : dirs_(std::move(dirs)),
      cache_(std::move(cache_file)),
      options_(with_cache(std::move(options), cache_)) {}

Catalog ModelSearch::scan() {
  Catalog catalog = Catalog::scan(dirs_, options_);
  static_cast<void>(cache_.save());
  return catalog;
}

}  // namespace shimmy::models
