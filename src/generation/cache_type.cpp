#include "generation/cache_type.h"

#include <algorithm>

namespace shimmy::generation {

std::optional<CacheType> parse_cache_type(std::string_view name) {
  const auto* const found = std::ranges::find(kCacheTypeNames, name);
  if (found == kCacheTypeNames.end()) return std::nullopt;
  return static_cast<CacheType>(found - kCacheTypeNames.begin());
}

std::string_view name_of(CacheType type) {
  return kCacheTypeNames.at(static_cast<std::size_t>(type));
}

}  // namespace shimmy::generation
