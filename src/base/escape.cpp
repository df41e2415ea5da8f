#include "base/escape.h"

#include <fmt/core.h>

#include "base/utf8.h"

namespace shimmy::base {
namespace {

constexpr bool is_ascii(char c) { return static_cast<unsigned char>(c) < 0x80; }
constexpr bool is_control(char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; }

// U+0080 to U+009F.
bool is_c1(std::string_view character) {
  return character.size() == 2 && character[0] == '\xC2' &&
         static_cast<unsigned char>(character[1]) < 0xA0;
}

void append_hex(std::string& out, std::string_view bytes) {
  for (const char c : bytes) out += fmt::format("\\x{:02x}", static_cast<unsigned char>(c));
}

// The two-character form that text and JSON have in common; 0: none.
constexpr char short_escape(char c) {
  switch (c) {
    case '\n': return 'n';
    case '\r': return 'r';
    case '\t': return 't';
    default: return 0;
  }
}

}  // namespace

std::string escape_control(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  while (!text.empty()) {
    const Utf8Part part = first_utf8(text);
    const std::string_view piece = text.substr(0, part.bytes);
    const char c = piece[0];
    if (const char letter = short_escape(c); letter != 0) (out += '\\') += letter;
    else if (part.kind != Utf8::Whole || is_control(c) || is_c1(piece)) append_hex(out, piece);
    else out += piece;
    text.remove_prefix(part.bytes);
  }
  return out;
}

std::string json_quoted(std::string_view text) {
  std::string out = "\"";
  out.reserve(text.size() + 2);
  while (!text.empty()) {
    const char c = text[0];
    std::size_t taken = 1;
    if (c == '"' || c == '\\') {
      (out += '\\') += c;
    } else if (const char letter = short_escape(c); letter != 0) {
      (out += '\\') += letter;
    } else if (is_control(c)) {
      out += fmt::format("\\u{:04x}", static_cast<unsigned char>(c));
    } else if (is_ascii(c)) {
      out += c;
    } else {
      const Utf8Part part = first_utf8(text);
      taken = part.bytes;
      out += part.kind == Utf8::Whole ? text.substr(0, taken) : kReplacementCharacter;
    }
    text.remove_prefix(taken);
  }
  return out += '"';
}

}  // namespace shimmy::base
