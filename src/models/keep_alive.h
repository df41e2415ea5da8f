// How users write how long a model stays in memory.
#pragma once

#include <string>
#include <string_view>

#include "base/error.h"
#include "models/load_options.h"

namespace shimmy::models {

// "5m", "90" (seconds), "0": not at all; "forever" or anything negative: until the memory is needed
// for another. Fails with InvalidRequest.
base::Result<KeepAlive> parse_keep_alive(std::string_view text);

// What parse_keep_alive() reads: "5m", "0s", "forever".
std::string keep_alive_text(const KeepAlive& keep_alive);

}  // namespace shimmy::models
