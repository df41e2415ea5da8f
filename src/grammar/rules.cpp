#include "grammar/rules.h"

#include <fmt/format.h>

#include <utility>

namespace shimmy::grammar {

std::string literal(std::string_view text) {
  std::string quoted = "\"";
  for (const char letter : text) {
    const auto byte = static_cast<unsigned char>(letter);
    if (letter == '"' || letter == '\\') {
      quoted += '\\';
      quoted += letter;
    } else if (byte < 0x20 || byte == 0x7F) {
      quoted += fmt::format("\\u{:04x}", byte);
    } else {
      quoted += letter;
    }
  }
  return quoted + '"';
}

std::string any_of(const std::vector<std::string>& alternatives) {
  if (alternatives.size() == 1) return alternatives.front();
  return fmt::format("({})", fmt::join(alternatives, " | "));
}

std::string repeated(const std::string& expression, std::size_t least, std::ptrdiff_t most) {
  if (most == 0) return "\"\"";
  if (least == 1 && most == 1) return expression;
  if (least == 0 && most < 0) return fmt::format("({})*", expression);
  if (most < 0) return fmt::format("({}){{{},}}", expression, least);
  return fmt::format("({}){{{},{}}}", expression, least, most);
}

std::string Rules::add(std::string body) {
  const auto [place, is_new] = shared_.try_emplace(std::move(body), "");
  if (is_new) {
    place->second = reserve();
    define(place->second, place->first);
  }
  return place->second;
}

std::string Rules::add_recursive(const std::string& key,
                                 const std::function<std::string(const std::string&)>& body) {
  // No body looks like this.
  const auto [place, is_new] = shared_.try_emplace("::" + key, "");
  if (!is_new) return place->second;
  const std::string name = reserve();
  place->second = name;
  define(name, body(name));
  return name;
}

std::string Rules::reserve() { return fmt::format("r{}", count_++); }

void Rules::define(const std::string& name, const std::string& body) {
  text_ += fmt::format("{} ::= {}\n", name, body);
}

std::string Rules::with_root(const std::string& body) const {
  return fmt::format("{}root ::= {}\n", text_, body);
}

}  // namespace shimmy::grammar
