#include "gguf/text.h"

#include <fmt/core.h>

#include <cstddef>

#include "base/escape.h"

namespace shimmy::gguf {
namespace {

constexpr std::size_t kLongestQuote = 64;

unsigned byte_at(std::string_view text, std::size_t index) {
  return static_cast<unsigned char>(text[index]);
}

// The bytes that a character starting with `lead` has; 0 where none can start so.
std::size_t length_by_lead(unsigned lead) {
  if (lead < 0x80) return 1;
  if (lead >= 0xc2 && lead <= 0xdf) return 2;
  if (lead >= 0xe0 && lead <= 0xef) return 3;
  if (lead >= 0xf0 && lead <= 0xf4) return 4;
  return 0;
}

// Overlong forms, surrogates and what lies beyond U+10FFFF show in the second byte.
bool is_second_byte(unsigned lead, unsigned second) {
  unsigned low = 0x80;
  unsigned high = 0xbf;
  if (lead == 0xe0) low = 0xa0;
  if (lead == 0xed) high = 0x9f;
  if (lead == 0xf0) low = 0x90;
  if (lead == 0xf4) high = 0x8f;
  return second >= low && second <= high;
}

// The bytes of the valid character that `text` starts with; 0 when it starts with none.
std::size_t character_length(std::string_view text) {
  const unsigned lead = byte_at(text, 0);
  const std::size_t length = length_by_lead(lead);
  if (length > text.size()) return 0;
  if (length > 1 && !is_second_byte(lead, byte_at(text, 1))) return 0;
  for (std::size_t i = 2; i < length; ++i) {
    if (byte_at(text, i) < 0x80 || byte_at(text, i) > 0xbf) return 0;
  }
  return length;
}

// Terminals obey U+0080 to U+009F as they obey the controls of ASCII.
bool is_control(std::string_view character) {
  const unsigned lead = byte_at(character, 0);
  return lead < 0x20 || lead == 0x7f || (lead == 0xc2 && byte_at(character, 1) < 0xa0);
}

// Takes the first character off `text`, or the first byte where that is none, and spells it out.
std::string escaped_first(std::string_view& text) {
  const std::size_t length = character_length(text);
  const std::string_view character = text.substr(0, length == 0 ? 1 : length);
  text.remove_prefix(character.size());
  if (length == 1) return base::escape_control(character);
  if (length > 1 && !is_control(character)) return std::string(character);
  std::string out;
  for (const char c : character) out += fmt::format("\\x{:02x}", static_cast<unsigned char>(c));
  return out;
}

}  // namespace

bool is_plain(std::string_view text) {
  while (!text.empty()) {
    const std::size_t length = character_length(text);
    if (length == 0 || is_control(text.substr(0, length))) return false;
    text.remove_prefix(length);
  }
  return true;
}

std::string quoted(std::string_view text) {
  std::string out = "'";
  for (std::size_t shown = 0; !text.empty(); ++shown) {
    if (shown == kLongestQuote) return out + "…'";
    out += escaped_first(text);
  }
  return out + "'";
}

std::string printable(std::string_view text) {
  std::string out;
  while (!text.empty()) out += escaped_first(text);
  return out;
}

std::string valid_utf8(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  while (!text.empty()) {
    const std::size_t length = character_length(text);
    if (length == 0) out += "\xef\xbf\xbd";
    else out += text.substr(0, length);
    text.remove_prefix(length == 0 ? 1 : length);
  }
  return out;
}

}  // namespace shimmy::gguf
