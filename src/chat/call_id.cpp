#include "chat/call_id.h"

#include <random>
#include <string_view>

namespace shimmy::chat {

std::string new_call_id() {
  static constexpr std::string_view kLetters =
      "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";
  thread_local std::mt19937_64 random{std::random_device{}()};
  std::uniform_int_distribution<std::size_t> any(0, kLetters.size() - 1);
  std::string id = "call_";
  for (int i = 0; i < 24; ++i) id += kLetters[any(random)];
  return id;
}

}  // namespace shimmy::chat
