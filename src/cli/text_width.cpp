#include "cli/text_width.h"

#include <algorithm>
#include <span>

#include "base/utf8.h"

namespace shimmy::cli {
namespace {

struct Range {
  char32_t first;
  char32_t last;
};

// The large blocks of Unicode 15 whose characters take no column, or two (UAX #11).
constexpr Range kNone[] = {{0x300, 0x36F},   {0x483, 0x489},    {0x591, 0x5BD},   {0x610, 0x61A},
                           {0x64B, 0x65F},   {0x93C, 0x93C},    {0x941, 0x948},   {0xE31, 0xE31},
                           {0xE34, 0xE3A},   {0xE47, 0xE4E},    {0x1AB0, 0x1AFF}, {0x1DC0, 0x1DFF},
                           {0x200B, 0x200F}, {0x20D0, 0x20FF},  {0xFE00, 0xFE0F}, {0xFE20, 0xFE2F},
                           {0xFEFF, 0xFEFF}, {0xE0100, 0xE01EF}};
constexpr Range kTwo[] = {{0x1100, 0x115F},   {0x2E80, 0x303E},   {0x3041, 0xA4CF},
                          {0xA960, 0xA97C},   {0xAC00, 0xD7A3},   {0xF900, 0xFAFF},
                          {0xFE30, 0xFE6F},   {0xFF00, 0xFF60},   {0xFFE0, 0xFFE6},
                          {0x1F300, 0x1F64F}, {0x1F680, 0x1F6FF}, {0x1F900, 0x1F9FF},
                          {0x1FA70, 0x1FAFF}, {0x20000, 0x3FFFD}};

bool contains(std::span<const Range> ranges, char32_t character) {
  const auto after = std::ranges::upper_bound(ranges, character, {}, &Range::first);
  return after != ranges.begin() && character <= std::prev(after)->last;
}

// Requires: one whole character.
char32_t code_point(std::string_view character) {
  constexpr unsigned masks[] = {0, 0x7F, 0x1F, 0x0F, 0x07};
  char32_t result = static_cast<unsigned char>(character[0]) & masks[character.size()];
  for (const char byte : character.substr(1)) {
    result = (result << 6U) | (static_cast<unsigned char>(byte) & 0x3FU);
  }
  return result;
}

struct Part {
  std::size_t bytes = 0;
  std::size_t columns = 1;  // so much for what is no character
};

Part first_part(std::string_view text) {
  const base::Utf8Part part = base::first_utf8(text);
  if (part.kind != base::Utf8::Whole) return {part.bytes};
  const char32_t character = code_point(text.substr(0, part.bytes));
  if (contains(kNone, character)) return {part.bytes, 0};
  return {part.bytes, contains(kTwo, character) ? std::size_t{2} : std::size_t{1}};
}

}  // namespace

std::size_t columns(std::string_view text) {
  std::size_t result = 0;
  while (!text.empty()) {
    const Part part = first_part(text);
    result += part.columns;
    text.remove_prefix(part.bytes);
  }
  return result;
}

std::string elide(std::string_view text, std::size_t width) {
  if (columns(text) <= width) return std::string(text);
  if (width == 0) return {};
  std::size_t end = 0;
  for (std::size_t used = 0; end < text.size();) {
    const Part part = first_part(text.substr(end));
    if (used + part.columns > width - 1) break;
    used += part.columns;
    end += part.bytes;
  }
  return std::string(text.substr(0, end)) + "…";
}

}  // namespace shimmy::cli
