// What the readers of tool calls must know of the tools.
#pragma once

#include <map>
#include <span>
#include <string>
#include <string_view>

#include "chat/conversation.h"

namespace shimmy::chat {

enum class ParameterKind {
  Text,   // a string, whatever it looks like
  Json,   // a number, a list, …
  Either  // JSON if it is some, else a string
};

// Immutable.
class CallTools {
 public:
  // Parameters are understood as far as they stand in the schema's own "properties".
  explicit CallTools(std::span<const Tool> tools);

  bool contains(std::string_view name) const { return tools_.contains(name); }
  ParameterKind kind(std::string_view tool, std::string_view parameter) const;
  auto begin() const { return tools_.begin(); }
  auto end() const { return tools_.end(); }
  bool empty() const { return tools_.empty(); }

 private:
  using Kinds = std::map<std::string, ParameterKind, std::less<>>;
  std::map<std::string, Kinds, std::less<>> tools_;
};

}  // namespace shimmy::chat
