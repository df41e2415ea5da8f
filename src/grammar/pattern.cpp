#include "grammar/pattern.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <system_error>
#include <utility>
#include <vector>

#include "base/utf8.h"
#include "grammar/char_set.h"
#include "grammar/rules.h"

namespace shimmy::grammar {
namespace {

constexpr std::size_t kMaxPatternBytes = 4096;
constexpr int kMaxDepth = 32;
constexpr std::uint64_t kMaxWeight = 500;  // characters, with repetitions written out

const CharSet& digits() {
  static const CharSet set{{'0', '9'}};
  return set;
}

const CharSet& word_characters() {
  static const CharSet set{{'0', '9'}, {'A', 'Z'}, {'_', '_'}, {'a', 'z'}};
  return set;
}

const CharSet& blanks() {
  static const CharSet set{{0x09, 0x0D},     {0x20, 0x20},     {0xA0, 0xA0},     {0x1680, 0x1680},
                           {0x2000, 0x200A}, {0x2028, 0x2029}, {0x202F, 0x202F}, {0x205F, 0x205F},
                           {0x3000, 0x3000}, {0xFEFF, 0xFEFF}};
  return set;
}

const CharSet& line_ends() {
  static const CharSet set{{'\n', '\n'}, {'\r', '\r'}, {0x2028, 0x2029}};
  return set;
}

// Characters that JSON strings have to escape, and the letter behind the backslash.
constexpr std::array<std::pair<char32_t, const char*>, 7> kEscaped{{{'"', R"(\\")"},
                                                                    {'\\', R"(\\\\)"},
                                                                    {'\n', R"(\\n)"},
                                                                    {'\t', R"(\\t)"},
                                                                    {'\r', R"(\\r)"},
                                                                    {'\b', R"(\\b)"},
                                                                    {'\f', R"(\\f)"}}};

// A part of a pattern: its grammar, and how often its repetitions write it out.
struct Part {
  std::string text;
  std::uint64_t weight = 1;
};

std::string one_of(const std::vector<std::string>& texts) {
  return texts.size() == 1 ? texts.front() : fmt::format("({})", fmt::join(texts, "|"));
}

// XGrammar's automata take no larger counts at once.
constexpr std::uint64_t kMaxCount = 100;

std::string times(const std::string& text, std::uint64_t least, std::ptrdiff_t most) {
  std::string result;
  const std::uint64_t optional = most < 0 ? 0 : static_cast<std::uint64_t>(most) - least;
  for (std::uint64_t left = least; left > 0; left -= std::min(left, kMaxCount)) {
    result += fmt::format("({}){{{}}}", text, std::min(left, kMaxCount));
  }
  for (std::uint64_t left = optional; left > 0; left -= std::min(left, kMaxCount)) {
    result += fmt::format("({}){{0,{}}}", text, std::min(left, kMaxCount));
  }
  if (most < 0) result += fmt::format("({})*", text);
  return fmt::format("({})", result);
}

class PatternReader {
 public:
  PatternReader(std::string_view pattern, PatternUse use) : pattern_(pattern), use_(use) {}

  base::Result<std::string> run() {
    const Part all = alternatives(/*depth=*/0);
    if (!error_ && !at_end()) refuse("has a ) without its (");
    if (error_) return std::unexpected(*error_);
    const bool is_json = use_ == PatternUse::JsonString;
    return fmt::format("Regex({})", literal(is_json ? "\"(" + all.text + ")\"" : all.text));
  }

 private:
  Part refuse(std::string_view what) {
    if (!error_) {
      error_ = base::Error{base::ErrorCode::InvalidRequest,
                           fmt::format("The pattern {} (at byte {} of it).", what, place_),
                           {},
                           {}};
    }
    place_ = pattern_.size();
    return {};
  }

  bool at_end() const { return place_ >= pattern_.size(); }
  char peek() const { return at_end() ? '\0' : pattern_[place_]; }
  bool take(std::string_view text) {
    if (!pattern_.substr(place_).starts_with(text)) return false;
    place_ += text.size();
    return true;
  }

  Part alternatives(int depth) {
    if (depth > kMaxDepth) return refuse("nests groups too deeply");
    std::vector<std::string> texts;
    std::uint64_t weight = 0;
    do {
      const Part one = sequence(depth);
      texts.push_back(one.text);
      weight += one.weight;
    } while (take("|"));
    return {one_of(texts), weight};
  }

  Part sequence(int depth) {
    std::string text;
    std::uint64_t weight = 1;
    // Where the pattern may match a part of the string, anything may stand around it.
    const bool is_open = use_ != PatternUse::WholeText && depth == 0;
    if (depth == 0 && !take("^") && is_open) text += anything();
    bool ends = false;
    while (!at_end() && peek() != '|' && peek() != ')') {
      if (depth == 0 && take("$")) {
        ends = true;
        if (!at_end() && peek() != '|') return refuse("has a $ before its end");
        break;
      }
      const Part item = repetition(depth);
      text += item.text;
      weight += item.weight;
    }
    if (is_open && !ends) text += anything();
    return {text, weight};
  }

  std::string anything() { return "(" + characters(CharSet().complement()).text + ")*"; }

  Part repetition(int depth) {
    Part item = atom(depth);
    std::uint64_t least = 1;
    std::ptrdiff_t most = 1;  // below 0: without end
    if (take("*")) {
      least = 0;
      most = -1;
    } else if (take("+")) {
      most = -1;
    } else if (take("?")) {
      least = 0;
    } else if (take("{")) {
      least = number();
      most = static_cast<std::ptrdiff_t>(least);
      if (take(",")) most = peek() == '}' ? -1 : static_cast<std::ptrdiff_t>(number());
      if (!take("}")) return refuse("has a { that begins no {n}, {n,} or {n,m}");
    } else {
      return item;
    }
    take("?");  // which of several matches it would be does not change the language
    const auto largest = static_cast<std::uint64_t>(std::max<std::ptrdiff_t>(most, 0));
    if (most >= 0 && largest < least)
      return refuse("has a repetition whose maximum is below its minimum");
    item.weight *= std::max({least, largest, std::uint64_t{1}});
    if (item.weight > kMaxWeight) {
      return refuse(fmt::format("is longer than {} characters, counting repetitions", kMaxWeight));
    }
    item.text = times(item.text, least, most);
    return item;
  }

  std::uint64_t number() {
    std::uint64_t value = 0;
    if (peek() < '0' || peek() > '9') refuse("has a { that begins no {n}, {n,} or {n,m}");
    while (peek() >= '0' && peek() <= '9') {
      value = std::min<std::uint64_t>(value * 10 + static_cast<std::uint64_t>(peek() - '0'),
                                      kMaxWeight + 1);
      ++place_;
    }
    return value;
  }

  Part atom(int depth) {
    if (take("(")) return group(depth);
    if (take("[")) return characters(set());
    if (take(".")) return characters(line_ends().complement());
    if (take("\\")) return characters(escape(/*in_class=*/false));
    if (peek() == '*' || peek() == '+' || peek() == '?' || peek() == '{') {
      return refuse("has a repetition of nothing");
    }
    if (peek() == '^' || peek() == '$') return refuse("has a ^ or $ that is not at an end of it");
    return characters(CharSet::of(character()));
  }

  Part group(int depth) {
    if (take("?")) {
      if (take("<")) {
        if (peek() == '=' || peek() == '!') return refuse("looks behind");
        place_ = std::min(pattern_.find('>', place_), pattern_.size());
        take(">");
      } else if (!take(":")) {
        return refuse("looks ahead, or has another group that begins with (?");
      }
    }
    Part inner = alternatives(depth + 1);
    if (!take(")")) return refuse("has a ( without its )");
    inner.text = "(" + inner.text + ")";
    return inner;
  }

  CharSet set() {
    const bool is_negated = take("^");
    CharSet result;
    while (!at_end() && peek() != ']') {
      const bool is_escape = peek() == '\\';
      const CharSet first = member();
      const bool is_range =
          peek() == '-' && place_ + 1 < pattern_.size() && pattern_[place_ + 1] != ']';
      if (!is_range || (is_escape && !is_single(first))) {
        result.add(first);
        continue;
      }
      take("-");
      const CharSet last = member();
      if (error_) return result;
      const char32_t low = first.ranges().front().first;
      if (!is_single(last) || last.ranges().front().first < low) {
        refuse("has a range of characters that ends before it begins");
        return result;
      }
      result.add({low, last.ranges().front().first});
    }
    if (!take("]")) refuse("has a [ without its ]");
    return is_negated ? result.complement() : result;
  }

  static bool is_single(const CharSet& set) {
    return set.ranges().size() == 1 && set.ranges().front().first == set.ranges().front().last;
  }

  CharSet member() { return take("\\") ? escape(/*in_class=*/true) : CharSet::of(character()); }

  CharSet escape(bool in_class) {
    if (at_end()) {
      refuse("ends with a backslash");
      return CharSet::of('x');
    }
    const char letter = pattern_[place_++];
    switch (letter) {
      case 'd': return digits();
      case 'D': return digits().complement();
      case 'w': return word_characters();
      case 'W': return word_characters().complement();
      case 's': return blanks();
      case 'S': return blanks().complement();
      case 'n': return CharSet::of('\n');
      case 'r': return CharSet::of('\r');
      case 't': return CharSet::of('\t');
      case 'v': return CharSet::of('\v');
      case 'f': return CharSet::of('\f');
      case 'x': return CharSet::of(hexadecimal(2));
      case 'u': return CharSet::of(hexadecimal(4));
      case 'b':
        if (in_class) return CharSet::of('\b');
        break;
      default: break;
    }
    const bool is_letter = (letter >= 'a' && letter <= 'z') || (letter >= 'A' && letter <= 'Z') ||
                           (letter >= '0' && letter <= '9');
    if (is_letter) {
      refuse(fmt::format("has \\{}, which cannot be enforced", letter));
      return CharSet::of('x');
    }
    --place_;
    return CharSet::of(character());
  }

  char32_t hexadecimal(std::size_t count) {
    const std::string_view text = pattern_.substr(place_, count);
    std::uint32_t value = 0;
    const auto [end, code] = std::from_chars(text.data(), text.data() + text.size(), value, 16);
    if (code != std::errc() || end != text.data() + count) refuse("has a broken \\x or \\u");
    place_ = std::min(place_ + count, pattern_.size());
    return value;
  }

  char32_t character() {
    const base::Utf8Part part = base::first_utf8(pattern_.substr(place_));
    if (part.kind != base::Utf8::Whole) {
      refuse("is not UTF-8");
      return 'x';
    }
    const char32_t value = decoded(pattern_.substr(place_, part.bytes));
    place_ += part.bytes;
    return value;
  }

  // One character of the set, as the text spells it.
  Part characters(const CharSet& set) {
    std::vector<std::string> parts;
    const bool is_json = use_ != PatternUse::WholeText;
    const CharSet plain = is_json ? set.common(json_characters()) : set;
    if (!plain.empty()) parts.push_back(plain.pattern());
    for (const auto& [character, spelling] : kEscaped) {
      if (is_json && set.contains(character)) parts.emplace_back(spelling);
    }
    if (parts.empty()) return refuse("has a class of no character that may be written");
    return {one_of(parts)};
  }

  std::string_view pattern_;
  PatternUse use_;
  std::size_t place_ = 0;
  std::optional<base::Error> error_;
};

}  // namespace

base::Result<std::string> pattern_grammar(std::string_view pattern, PatternUse use) {
  if (pattern.size() > kMaxPatternBytes) {
    return base::fail(base::ErrorCode::InvalidRequest,
                      "The pattern has {} bytes; at most {} are allowed.", pattern.size(),
                      kMaxPatternBytes);
  }
  return PatternReader(pattern, use).run();
}

}  // namespace shimmy::grammar
