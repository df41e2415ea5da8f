// Input that is text or tokens, one or several. Includes Boost.JSON: only for .cpp files of
// protocol/.
#pragma once

#include <string_view>
#include <vector>

#include "protocol/json/fields.h"
#include "protocol/openai/completion_request.h"

namespace shimmy::protocol::openai {

// Reads string | string[] | int[] | int[][]; an empty array or list of tokens is an error, as are
// more than kMaxPrompts. Errors stay in `fields`. Nothing when the field is not given.
std::vector<TextOrTokens> decode_token_input(json::Fields& fields, std::string_view key);

}  // namespace shimmy::protocol::openai
