// Text out of a foreign file, made fit for messages, terminals and JSON.
#pragma once

#include <string>
#include <string_view>

namespace shimmy::gguf {

// True for valid UTF-8 without a control character.
bool is_plain(std::string_view text);

// In quotes, control characters and bytes that are no UTF-8 as \xNN, at most 64 characters of it.
std::string quoted(std::string_view text);

// The text with U+FFFD for what is no UTF-8; line breaks and the like stay.
std::string valid_utf8(std::string_view text);

}  // namespace shimmy::gguf
