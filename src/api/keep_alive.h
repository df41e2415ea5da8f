// How long requests want their model to stay, in the words of models/.
#pragma once

#include <cstdint>
#include <optional>

#include "models/load_options.h"

namespace shimmy::api {

// Below 0: until its memory is needed. Empty stays empty.
std::optional<models::KeepAlive> keep_alive_of(std::optional<std::int64_t> seconds);

}  // namespace shimmy::api
