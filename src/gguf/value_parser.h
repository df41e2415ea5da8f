// Reads one metadata value, whatever its type.
#pragma once

#include <cstdint>
#include <string_view>

#include "base/error.h"
#include "gguf/cursor.h"
#include "gguf/value.h"

namespace shimmy::gguf {

// Reads the type and then the value of `key`, the index-th of the file; the key is for messages.
base::Result<Value> parse_value(Cursor& cursor, std::string_view key, std::uint64_t index);

}  // namespace shimmy::gguf
