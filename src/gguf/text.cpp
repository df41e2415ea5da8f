#include "gguf/text.h"

#include <cstddef>

#include "base/escape.h"
#include "base/utf8.h"

namespace shimmy::gguf {
namespace {

constexpr std::size_t kLongestQuote = 64;

// The first character of `text`, or the bytes that are none in its place.
std::string_view first(std::string_view text) {
  return text.substr(0, base::first_utf8(text).bytes);
}

}  // namespace

bool is_plain(std::string_view text) { return base::escape_control(text) == text; }

std::string quoted(std::string_view text) {
  std::string out = "'";
  for (std::size_t shown = 0; !text.empty(); ++shown) {
    if (shown == kLongestQuote) return out + "…'";
    const std::string_view character = first(text);
    out += base::escape_control(character);
    text.remove_prefix(character.size());
  }
  return out + "'";
}

std::string valid_utf8(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  while (!text.empty()) {
    const base::Utf8Part part = base::first_utf8(text);
    out +=
        part.kind == base::Utf8::Whole ? text.substr(0, part.bytes) : base::kReplacementCharacter;
    text.remove_prefix(part.bytes);
  }
  return out;
}

}  // namespace shimmy::gguf
