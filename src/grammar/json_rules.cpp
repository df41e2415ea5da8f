#include "grammar/json_rules.h"

#include <fmt/format.h>

#include <algorithm>
#include <boost/json/serialize.hpp>
#include <map>
#include <string_view>

#include "base/utf8.h"
#include "grammar/char_set.h"
#include "grammar/number_range.h"
#include "grammar/pattern.h"

namespace shimmy::grammar {
namespace {

namespace json = boost::json;

// Boost.JSON writes 0.5 as 5E-1.
void write(const json::value& value, std::string& text) {
  if (value.is_double()) {
    text += fmt::format("{}", value.get_double());
  } else if (const json::array* array = value.if_array()) {
    text += '[';
    for (const json::value& item : *array) {
      if (text.back() != '[') text += ", ";
      write(item, text);
    }
    text += ']';
  } else if (const json::object* object = value.if_object()) {
    text += '{';
    for (const auto& [name, member] : *object) {
      if (text.back() != '{') text += ", ";
      text += json::serialize(json::string(name)) + ": ";
      write(member, text);
    }
    text += '}';
  } else {
    text += json::serialize(value);
  }
}

// What follows a backslash: one character, also where it takes two \u to write it.
std::string escape() {
  return R"(["\\/bfnrt] | "u" ([0-9a-cA-CefEF] [0-9a-fA-F]{3} | [dD] [0-7] [0-9a-fA-F]{2} | )"
         R"([dD] [89abAB] [0-9a-fA-F]{2} "\\u" [dD] [c-fC-F] [0-9a-fA-F]{2}))";
}

// Names that begin alike share a node.
struct NameTree {
  std::map<char32_t, NameTree> next;
  bool is_name = false;
};

// A name that has to be escaped cannot be met.
void insert(NameTree& root, std::string_view name) {
  std::vector<char32_t> characters;
  while (!name.empty()) {
    const base::Utf8Part part = base::first_utf8(name);
    const char32_t character = decoded(name.substr(0, part.bytes));
    if (part.kind != base::Utf8::Whole || !json_characters().contains(character)) return;
    characters.push_back(character);
    name.remove_prefix(part.bytes);
  }
  NameTree* node = &root;
  for (const char32_t character : characters) node = &node->next[character];
  node->is_name = true;
}

// Texts that end with a quote, and are no name of the tree.
std::string outside(Rules& rules, const NameTree& tree, const std::string& rest) {
  std::vector<std::string> parts;
  if (!tree.is_name) parts.emplace_back(R"("\"")");
  CharSet known;
  for (const auto& [character, next] : tree.next) {
    known.add({character, character});
    parts.push_back(CharSet::of(character).text() + " " + outside(rules, next, rest));
  }
  const CharSet others = json_characters().common(known.complement());
  parts.push_back(others.text() + " " + rest);
  return rules.add(any_of(parts));
}

}  // namespace

std::string json_literal(const json::value& value) {
  std::string text;
  write(value, text);
  return literal(text);
}

std::string any_string(Rules& rules) {
  // This shape, a rule that ends in itself, with what follows every string of an object or array,
  // is the one that XGrammar has shortcuts for.
  const std::string escaped = rules.add(escape());
  return rules.add(
      fmt::format(R"("\"" {})", rules.add_recursive("text", [&](const std::string& me) {
        return fmt::format(R"(("\"" | {1} {0} | "\\" {2} {0}) (= [,}}\]:]))", me,
                           json_characters().text(), escaped);
      })));
}

std::string any_integer() {
  return fmt::format(R"(("0" | "-"? [1-9] [0-9]{{0,{}}}))", kNumberDigits - 1);
}

std::string any_number() {
  return fmt::format(R"("-"? ("0" | [1-9] [0-9]{{0,{0}}}) ("." [0-9]{{1,{1}}})? )"
                     R"(([eE] [+\-]? [1-9] [0-9]?)?)",
                     kNumberDigits - 1, kNumberDigits);
}

std::string any_object(Rules& rules) {
  const std::string member =
      rules.add(fmt::format("{} {} {}", any_string(rules), kNameSeparator, any_value(rules)));
  return rules.add(list_of(member, 0, -1, "{", "}"));
}

std::string any_array(Rules& rules) {
  return rules.add(list_of(any_value(rules), 0, -1, "[", "]"));
}

std::string any_value(Rules& rules) {
  return rules.add_recursive("value", [&](const std::string& me) {
    const std::string text = any_string(rules);
    const std::string member = fmt::format("{} {} {}", text, kNameSeparator, me);
    return fmt::format(R"({} | {} | {} | {} | "true" | "false" | "null")", text,
                       list_of(member, 0, -1, "{", "}"), list_of(me, 0, -1, "[", "]"),
                       rules.add(any_number()));
  });
}

std::string sized_string(Rules& rules, std::size_t least, std::ptrdiff_t most) {
  // Every place of an automaton costs time once, when it is compiled. A rule with a limit costs it
  // at the few tokens before the limit instead.
  constexpr std::size_t kMaxPlaces = 32;
  if (least == 0 && most < 0) return any_string(rules);
  const bool is_long = most > static_cast<std::ptrdiff_t>(kMaxPlaces);
  if (least > kMaxPlaces) {
    return fmt::format(R"("\"" {} "\"")", repeated(json_characters().text(), least, most));
  }
  const std::string last = most < 0 || is_long ? "" : fmt::to_string(most);
  const std::string pattern = fmt::format("^[^]{{{},{}}}$", least, last);
  if (!is_long) return pattern_grammar(pattern, PatternUse::JsonString).value();
  const std::string name = rules.reserve();
  rules.define(fmt::format("{}[max_chars={}]", name, most),
               pattern_grammar(pattern, PatternUse::JsonText).value());
  return fmt::format(R"("\"" {} "\"")", name);
}

std::string other_name(Rules& rules, const std::vector<std::string>& taken) {
  const std::string rest = rules.add(json_characters().text() + R"(* "\"")");
  NameTree tree;
  for (const std::string& name : taken) insert(tree, name);
  return R"("\"" )" + outside(rules, tree, rest);
}

std::string list_of(const std::string& item, std::size_t least, std::ptrdiff_t most,
                    const char* open, const char* close) {
  const std::string none = literal(std::string(open) + close);
  if (most == 0) return none;
  const std::string more = repeated(fmt::format("{} {}", kItemSeparator, item),
                                    least == 0 ? 0 : least - 1, most < 0 ? -1 : most - 1);
  const std::string some = fmt::format("{} {} {} {}", literal(open), item, more, literal(close));
  return least == 0 ? fmt::format("({} | {})", none, some) : some;
}

}  // namespace shimmy::grammar
