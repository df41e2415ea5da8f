// Models of which only so many are to be in memory at once.
#pragma once

#include <cstddef>
#include <functional>
#include <string>
#include <vector>

#include "models/model_entry.h"

namespace shimmy::pool {

struct LoadGroup {
  std::string name;
  std::vector<std::string> models;  // names or aliases; letter case does not matter
  std::size_t at_most = 1;
};

// The groups as they are configured now. Any thread.
using LoadGroups = std::function<std::vector<LoadGroup>()>;

bool belongs_to(const models::ModelEntry& entry, const LoadGroup& group);

}  // namespace shimmy::pool
