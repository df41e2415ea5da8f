// The formats that JSON Schema names, as expressions of a grammar.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace shimmy::grammar {

// What stands between the quotes of a string of this format; nothing for a format that is not
// known. Allows only valid texts, though not every one: no leap seconds, no quoted local parts of
// addresses, IPv6 without "::".
std::optional<std::string> format_grammar(std::string_view format);

}  // namespace shimmy::grammar
