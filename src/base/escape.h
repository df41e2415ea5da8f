// Making foreign text safe to print.
#pragma once

#include <string>
#include <string_view>

namespace shimmy::base {

// Safe on a terminal and in one line of a log: control characters (below 0x20, 0x7f, and U+0080 to
// U+009F, which terminals obey too) and bytes that are not UTF-8 become \n, \t, \r or, byte by
// byte, \x1b; everything else stays.
std::string escape_control(std::string_view text);

// `text` as a JSON string with its quotes (RFC 8259 §7). Bytes that are not UTF-8 become U+FFFD, so
// that the result is always valid JSON.
std::string json_quoted(std::string_view text);

}  // namespace shimmy::base
