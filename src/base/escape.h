// Making foreign text safe to print.
#pragma once

#include <string>
#include <string_view>

namespace shimmy::base {

// Control characters (all below 0x20, and 0x7f) become \n, \t, \r or \x1b; everything else stays.
std::string escape_control(std::string_view text);

// `text` as a JSON string with its quotes (RFC 8259 §7). Expects UTF-8 and passes it through
// unchecked.
std::string json_quoted(std::string_view text);

}  // namespace shimmy::base
