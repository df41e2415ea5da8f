#include "models/name_index.h"

#include <algorithm>

#include "base/letter_case.h"

namespace shimmy::models {

void NameIndex::add(std::string_view name, Kind kind, std::size_t entry) {
  places_[base::lowered(name)].push_back({std::string(name), kind, entry});
}

std::vector<std::size_t> NameIndex::find(std::string_view name) const {
  const auto found = places_.find(base::lowered(name));
  if (found == places_.end()) return {};
  const auto rank = [name](const Place& place) {
    return (place.kind == Kind::Name ? 0 : 2) + (place.name == name ? 0 : 1);
  };
  const int best = rank(*std::ranges::min_element(found->second, {}, rank));
  std::vector<std::size_t> entries;
  for (const Place& place : found->second) {
    if (rank(place) == best) entries.push_back(place.entry);
  }
  std::ranges::sort(entries);
  const auto repeated = std::ranges::unique(entries);
  entries.erase(repeated.begin(), repeated.end());
  return entries;
}

}  // namespace shimmy::models
