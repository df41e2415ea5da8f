// The first names of many.
#pragma once

#include <cstddef>
#include <span>
#include <string>

#include "models/model_entry.h"

namespace shimmy::cli {

// "a, b and 3 more": the first `shown` names, safe to print. Empty without entries.
std::string name_list(std::span<const models::ModelEntry> entries, std::size_t shown);

}  // namespace shimmy::cli
