// Reading UTF-8 that may be broken.
#pragma once

#include <cstddef>
#include <string_view>

namespace shimmy::base {

constexpr std::string_view kReplacementCharacter = "\xEF\xBF\xBD";  // U+FFFD

enum class Utf8 {
  Whole,    // a character
  Cut,      // the text ends inside a character that is well-formed so far
  Invalid,  // no character: a maximal ill-formed part (Unicode 15, 3.9)
};

struct Utf8Part {
  Utf8 kind = Utf8::Invalid;
  std::size_t bytes = 0;  // 1 to 4
};

// What `text` starts with. Requires: `text` is not empty.
Utf8Part first_utf8(std::string_view text);

// Whether all of `text` is well-formed.
bool is_utf8(std::string_view text);

}  // namespace shimmy::base
