#include "models/name_index.h"

#include <algorithm>

namespace shimmy::models {

std::string lower_case(std::string_view text) {
  std::string result(text);
  std::ranges::transform(result, result.begin(), [](char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  });
  return result;
}

void NameIndex::add(std::string_view name, Kind kind, std::size_t entry) {
  places_[lower_case(name)].push_back({std::string(name), kind, entry});
}

std::vector<std::size_t> NameIndex::find(std::string_view name) const {
  const auto found = places_.find(lower_case(name));
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
