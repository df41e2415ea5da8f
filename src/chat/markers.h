// Looking for markers in text that is still coming.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>

namespace shimmy::chat {

bool is_blank(char c);
std::string_view trimmed(std::string_view text);
void skip_blanks(std::string_view& text);

enum class Match { No, Partial, Yes };

// Whether `text` starts with `marker`; Partial: it may, when more has come. An empty marker is
// always there.
Match starts(std::string_view text, std::string_view marker);

struct Found {
  std::size_t at = std::string_view::npos;  // where the marker is; npos: nowhere
  std::size_t which = 0;                    // of the markers
  std::size_t clear = 0;  // with no marker: bytes before anything that may become one
};

// The first marker in `text`; of several at one place the longest. Empty markers are ignored.
Found find_first(std::string_view text, std::span<const std::string> markers);

}  // namespace shimmy::chat
