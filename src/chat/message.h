// A conversation as plain values.
#pragma once

#include <string>

namespace shimmy::chat {

struct Message {
  std::string role;  // "system", "user", "assistant", "tool"
  std::string content;
};

}  // namespace shimmy::chat
