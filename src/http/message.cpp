#include "http/message.h"

#include <algorithm>
#include <string_view>

#include "http/text.h"

namespace shimmy::http {

std::string_view Request::header(std::string_view name) const {
  const auto found = std::ranges::find_if(
      headers, [&](const Header& header) { return equal_ignoring_case(header.name, name); });
  return found == headers.end() ? std::string_view{} : std::string_view(found->value);
}

}  // namespace shimmy::http
