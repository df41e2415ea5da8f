#include "pool/load_group.h"

#include <algorithm>

#include "base/letter_case.h"

namespace shimmy::pool {
bool belongs_to(const models::ModelEntry& entry, const LoadGroup& group) {
  return std::ranges::any_of(group.models, [&](const std::string& name) {
    return base::equal_ignoring_case(entry.name, name) ||
           std::ranges::any_of(entry.aliases, [&](const std::string& alias) {
             return base::equal_ignoring_case(alias, name);
           });
  });
}

}  // namespace shimmy::pool
