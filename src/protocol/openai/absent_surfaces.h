// Parts of the OpenAI API that shimmy has nothing for (wire.md 2.7).
#pragma once

#include <string_view>

namespace shimmy::protocol::openai {

// What a path such as "/v1/images/generations" is for; empty where shimmy does not know it as a
// part of the API. The answer to it is 404: a 501 would be tried again by clients.
std::string_view absent_surface(std::string_view path);

}  // namespace shimmy::protocol::openai
