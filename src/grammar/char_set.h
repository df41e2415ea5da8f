// Sets of Unicode characters, for classes of grammars and patterns.
#pragma once

#include <initializer_list>
#include <string>
#include <string_view>
#include <vector>

namespace shimmy::grammar {

constexpr char32_t kLastCharacter = 0x10FFFF;

class CharSet {
 public:
  struct Range {
    char32_t first = 0;
    char32_t last = 0;  // part of the range

    bool operator==(const Range&) const = default;
  };

  CharSet() = default;
  CharSet(std::initializer_list<Range> ranges);

  static CharSet of(char32_t character) { return {{character, character}}; }

  void add(Range range);
  void add(const CharSet& other);
  CharSet complement() const;  // surrogates are no characters: no set has them
  CharSet common(const CharSet& other) const;

  bool empty() const { return ranges_.empty(); }
  bool contains(char32_t character) const;
  const std::vector<Range>& ranges() const { return ranges_; }

  // As a class of a grammar, or as a pattern of XGrammar: [a-z]. Requires: not empty.
  std::string text() const;
  std::string pattern() const;

  bool operator==(const CharSet&) const = default;

 private:
  std::vector<Range> ranges_;  // sorted, apart from each other
};

// What may stand in a JSON string as itself.
const CharSet& json_characters();

// The character that these bytes of UTF-8 are. Requires: one whole character.
char32_t decoded(std::string_view bytes);

}  // namespace shimmy::grammar
