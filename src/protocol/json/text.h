// Writing JSON by hand: fixed shapes around escaped text need no document in memory.
#pragma once

#include <span>
#include <string>
#include <string_view>

namespace shimmy::protocol::json {

// `text` as a JSON string with its quotes; bytes that are no UTF-8 become U+FFFD.
std::string quoted(std::string_view text);

// The same, or null for an empty text.
std::string quoted_or_null(std::string_view text);

// "a","b": the elements of an array.
std::string quoted_list(std::span<const std::string> texts);

}  // namespace shimmy::protocol::json
