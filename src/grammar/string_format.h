// The formats that JSON Schema names, as patterns.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace shimmy::grammar {

// A pattern of texts of this format, from "^" to "$"; nothing for a format that is not known. It
// matches only valid texts, though not every one: no leap seconds, no quoted local parts of
// addresses, IPv6 without "::".
std::optional<std::string> format_pattern(std::string_view format);

}  // namespace shimmy::grammar
