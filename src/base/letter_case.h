// ASCII letters whose case does not count: names of models, of headers, of hosts.
#pragma once

#include <string>
#include <string_view>

namespace shimmy::base {

char lower(char letter);
std::string lowered(std::string_view text);
bool equal_ignoring_case(std::string_view left, std::string_view right);

}  // namespace shimmy::base
