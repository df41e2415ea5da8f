#include "transfer/header_lines.h"

#include <algorithm>
#include <charconv>
#include <string>
#include <utility>

namespace shimmy::transfer {
namespace {

std::string_view trimmed(std::string_view text) {
  constexpr std::string_view blank = " \t\r\n";
  const std::size_t begin = text.find_first_not_of(blank);
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(blank) - begin + 1);
}

// 0 where it is none.
int status_of(std::string_view line) {
  const std::string_view text = line.substr(std::min(line.find(' ') + 1, line.size()));
  int status = 0;
  std::from_chars(text.data(), text.data() + std::min<std::size_t>(text.size(), 3), status);
  return status;
}

}  // namespace

bool HeaderLines::add(std::string_view line) {
  line = trimmed(line);
  if (line.empty()) return head_.status != 0;
  const std::size_t colon = line.find(':');
  if (line.starts_with("HTTP/")) {
    head_ = {};
    head_.status = status_of(line);
  } else if (colon != std::string_view::npos) {
    head_.headers.push_back({std::string(trimmed(line.substr(0, colon))),
                             std::string(trimmed(line.substr(colon + 1)))});
  }
  return false;
}

ResponseHead HeaderLines::take() { return std::exchange(head_, {}); }

}  // namespace shimmy::transfer
