// How much room text takes on a terminal.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace shimmy::cli {

// Of UTF-8 text: none for combining marks, two for East Asian characters and emoji, else one.
std::size_t columns(std::string_view text);

// `text` in at most `width` columns; a "…" stands for what was cut off its end.
std::string elide(std::string_view text, std::size_t width);

}  // namespace shimmy::cli
