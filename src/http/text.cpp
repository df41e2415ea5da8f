#include "http/text.h"

#include <string_view>

namespace shimmy::http {

bool is_token_letter(char letter) {
  return letter > ' ' && letter < 0x7f &&
         std::string_view("\"(),/:;<=>?@[\\]{}").find(letter) == std::string_view::npos;
}

std::string_view trimmed(std::string_view text) {
  const std::size_t first = text.find_first_not_of(" \t");
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(" \t") - first + 1);
}

}  // namespace shimmy::http
