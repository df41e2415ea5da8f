// Comparing the ASCII words of HTTP, whose letter case does not count.
#pragma once

#include <string_view>

#include "base/letter_case.h"

namespace shimmy::http {

using base::equal_ignoring_case;
using base::lower;

// Whether a method or the name of a header may have this letter (RFC 9110 5.6.2).
bool is_token_letter(char letter);

// Without the spaces and tabs at both ends.
std::string_view trimmed(std::string_view text);

}  // namespace shimmy::http
