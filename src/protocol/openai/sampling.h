// The fields of a request that say how to generate, the same for every OpenAI endpoint. Includes
// Boost.JSON: only for .cpp files of protocol/.
#pragma once

#include <string>

#include "generation/request.h"
#include "protocol/json/fields.h"

namespace shimmy::protocol::openai {

std::string decode_model(json::Fields& fields);  // a missing one is an error

// Everything but the prompt. Errors stay in `fields`.
generation::Request decode_generation(json::Fields& fields);

constexpr std::size_t kMaxStops = 16;

}  // namespace shimmy::protocol::openai
