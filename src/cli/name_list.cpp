#include "cli/name_list.h"

#include <fmt/core.h>

#include <algorithm>

#include "base/escape.h"

namespace shimmy::cli {

std::string name_list(std::span<const models::ModelEntry> entries, std::size_t shown) {
  std::string text;
  for (const models::ModelEntry& entry : entries.first(std::min(entries.size(), shown))) {
    if (!text.empty()) text += ", ";
    text += base::escape_control(entry.name);
  }
  if (entries.size() > shown) text += fmt::format(" and {} more", entries.size() - shown);
  return text;
}

}  // namespace shimmy::cli
