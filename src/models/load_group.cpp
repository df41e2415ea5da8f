#include "models/load_group.h"

#include <algorithm>
#include <cctype>
#include <string_view>

namespace shimmy::models {
namespace {

bool same_letters(std::string_view a, std::string_view b) {
  return std::ranges::equal(
      a, b, [](unsigned char x, unsigned char y) { return std::tolower(x) == std::tolower(y); });
}

}  // namespace

bool belongs_to(const ModelEntry& entry, const LoadGroup& group) {
  return std::ranges::any_of(group.models, [&](const std::string& name) {
    return same_letters(entry.name, name) ||
           std::ranges::any_of(entry.aliases,
                               [&](const std::string& alias) { return same_letters(alias, name); });
  });
}

}  // namespace shimmy::models
