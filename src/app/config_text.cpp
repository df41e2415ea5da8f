#include "app/config_text.h"

#include <algorithm>

namespace shimmy::app {
namespace {

bool is_name(std::string_view text) {
  return !text.empty() && std::ranges::all_of(text, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
  });
}

}  // namespace

base::Result<std::string> interpolated(std::string_view text,
                                       const models::Environment& environment) {
  constexpr std::string_view kBegin = "${";
  std::string result;
  while (true) {
    const std::size_t begin = std::min(text.find(kBegin), text.size());
    result += text.substr(0, begin);
    if (begin == text.size()) return result;
    text.remove_prefix(begin + kBegin.size());
    if (result.ends_with('$')) {
      result += '{';
      continue;
    }
    const std::size_t end = text.find('}');
    const std::string_view name = text.substr(0, end);
    if (end == std::string_view::npos || !is_name(name)) {
      return base::fail(base::ErrorCode::InvalidRequest,
                        "\"${{\" begins the name of an environment variable, as in ${{HOME}}: "
                        "write $${{ for the letters themselves.");
    }
    const auto value = environment(name);
    if (!value) {
      return base::fail(base::ErrorCode::InvalidRequest,
                        "The environment variable {} is not set: set it, or write the value here.",
                        name);
    }
    result += *value;
    text.remove_prefix(end + 1);
  }
}

}  // namespace shimmy::app
