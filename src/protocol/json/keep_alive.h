// How long a model stays in memory after a request, as Ollama's clients write it. Includes
// Boost.JSON: only for .cpp files of protocol/.
#pragma once

#include <cstdint>
#include <optional>

#include "protocol/json/fields.h"

namespace shimmy::protocol::json {

// The seconds of "keep_alive": a number of them, or a text such as "5m" or "forever". 0: not at
// all; -1, for anything below 0: until its memory is needed. Empty when not given, or on an error.
std::optional<std::int64_t> decode_keep_alive(Fields& fields);

}  // namespace shimmy::protocol::json
