#include "grammar/char_set.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <iterator>

namespace shimmy::grammar {
namespace {

constexpr char32_t kFirstSurrogate = 0xD800;
constexpr char32_t kLastSurrogate = 0xDFFF;

bool is_plain(char32_t character) {
  return (character >= 'a' && character <= 'z') || (character >= 'A' && character <= 'Z') ||
         (character >= '0' && character <= '9');
}

// Escaped unless nobody could read it as something else.
std::string shown(char32_t character) {
  const auto code = static_cast<std::uint32_t>(character);
  if (is_plain(character)) return {static_cast<char>(code)};
  // Not \x: that takes every hexadecimal digit that follows.
  return code <= 0xFFFF ? fmt::format("\\u{:04x}", code) : fmt::format("\\U{:08x}", code);
}

std::string shown_in_pattern(char32_t character) {
  if (is_plain(character)) return {static_cast<char>(character)};
  return fmt::format("\\u{{{:x}}}", static_cast<std::uint32_t>(character));
}

std::string class_of(const std::vector<CharSet::Range>& ranges, std::string (*spell)(char32_t)) {
  std::string text = "[";
  for (const CharSet::Range& range : ranges) {
    text += spell(range.first);
    if (range.first == range.last) continue;
    text += '-';
    text += spell(range.last);
  }
  return text + ']';
}

}  // namespace

CharSet::CharSet(std::initializer_list<Range> ranges) {
  for (const Range& range : ranges) add(range);
}

void CharSet::add(Range range) {
  if (range.first < kFirstSurrogate && range.last > kLastSurrogate) {
    add({range.first, kFirstSurrogate - 1});
    range.first = kLastSurrogate + 1;
  }
  if (range.first >= kFirstSurrogate && range.first <= kLastSurrogate) {
    range.first = kLastSurrogate + 1;
  }
  if (range.last >= kFirstSurrogate && range.last <= kLastSurrogate) {
    range.last = kFirstSurrogate - 1;
  }
  range.last = std::min(range.last, kLastCharacter);
  if (range.first > range.last) return;

  std::vector<Range> merged;
  for (const Range& old : ranges_) {
    if (old.last + 1 < range.first || range.last + 1 < old.first) {
      merged.push_back(old);
    } else {
      range = {std::min(range.first, old.first), std::max(range.last, old.last)};
    }
  }
  merged.insert(
      std::ranges::find_if(merged, [&](const Range& other) { return other.first > range.first; }),
      range);
  ranges_ = std::move(merged);
}

void CharSet::add(const CharSet& other) {
  for (const Range& range : other.ranges_) add(range);
}

CharSet CharSet::complement() const {
  CharSet result;
  char32_t next = 0;
  for (const Range& range : ranges_) {
    if (range.first > next) result.add({next, range.first - 1});
    next = range.last + 1;
  }
  if (next <= kLastCharacter) result.add({next, kLastCharacter});
  return result;
}

CharSet CharSet::common(const CharSet& other) const {
  CharSet outside = complement();
  outside.add(other.complement());
  return outside.complement();
}

bool CharSet::contains(char32_t character) const {
  return std::ranges::any_of(ranges_, [&](const Range& range) {
    return range.first <= character && character <= range.last;
  });
}

std::string CharSet::text() const { return class_of(ranges_, shown); }

std::string CharSet::pattern() const {
  // A class whose characters take different numbers of bytes would let XGrammar accept texts that
  // are no UTF-8.
  constexpr std::array<Range, 4> kLengths{
      {{0, 0x7F}, {0x80, 0x7FF}, {0x800, 0xFFFF}, {0x10000, kLastCharacter}}};
  std::vector<std::string> classes;
  for (const Range& length : kLengths) {
    const CharSet part = common({length});
    if (!part.empty()) classes.push_back(class_of(part.ranges_, shown_in_pattern));
  }
  return classes.size() == 1 ? classes.front() : fmt::format("({})", fmt::join(classes, "|"));
}

const CharSet& json_characters() {
  static const CharSet characters{{0x20, 0x21}, {0x23, 0x5B}, {0x5D, kLastCharacter}};
  return characters;
}

char32_t decoded(std::string_view bytes) {
  const auto byte = [&](std::size_t index) {
    return static_cast<std::uint32_t>(static_cast<unsigned char>(bytes[index]));
  };
  if (bytes.size() == 1) return byte(0);
  std::uint32_t value = byte(0) & (0x7FU >> bytes.size());
  for (std::size_t index = 1; index < bytes.size(); ++index) {
    value = value << 6U | (byte(index) & 0x3FU);
  }
  return value;
}

}  // namespace shimmy::grammar
