// The text of a grammar while it is being written: named rules in XGrammar's EBNF.
#pragma once

#include <cstddef>
#include <functional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace shimmy::grammar {

// `text` as a literal of a grammar. Requires: UTF-8 without NUL.
std::string literal(std::string_view text);

// "a", "b" -> ("a" | "b"); one alternative stays as it is.
std::string any_of(const std::vector<std::string>& alternatives);

// `expression` least to most times; most < 0: without end. Requires: least <= most.
std::string repeated(const std::string& expression, std::size_t least, std::ptrdiff_t most);

class Rules {
 public:
  // The name of a rule with this body; the same body gives the same name.
  std::string add(std::string body);

  // The name of a rule that may mention itself; `key` says which one it is. `body` gets the name.
  std::string add_recursive(const std::string& key,
                            const std::function<std::string(const std::string& name)>& body);

  // A name for a rule whose body comes later.
  std::string reserve();
  void define(const std::string& name, const std::string& body);

  std::size_t bytes() const { return text_.size(); }

  // All rules, and the rule "root" with this body.
  std::string with_root(const std::string& body) const;

 private:
  std::string text_;
  std::unordered_map<std::string, std::string> shared_;  // by body or key: the rule's name
  std::size_t count_ = 0;
};

}  // namespace shimmy::grammar
