#include "protocol/json/text.h"

#include "base/escape.h"

namespace shimmy::protocol::json {

std::string quoted(std::string_view text) { return base::json_quoted(text); }

std::string quoted_or_null(std::string_view text) { return text.empty() ? "null" : quoted(text); }

std::string quoted_list(std::span<const std::string> texts) {
  std::string list;
  for (const std::string& text : texts) {
    if (!list.empty()) list += ',';
    list += quoted(text);
  }
  return list;
}

}  // namespace shimmy::protocol::json
