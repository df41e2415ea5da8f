// The fields that say how to generate and how to answer, the same for every OpenAI endpoint that
// generates. Includes Boost.JSON: only for .cpp files of protocol/.
#pragma once

#include <string>

#include "generation/request.h"
#include "protocol/json/fields.h"
#include "protocol/request_defaults.h"

namespace shimmy::protocol::openai {

// Each leaves its errors in `fields`.

std::string decode_model(json::Fields& fields);

// Everything but the prompt, the token limit and logprobs.
generation::Request decode_generation(json::Fields& fields, const RequestDefaults& defaults);

// The number of tokens to generate at most: the first that is given of "max_completion_tokens",
// "max_tokens" and llama.cpp's "n_predict"; `usual` where none is. From `low` on; -1, no limit, is
// allowed.
std::int32_t decode_max_tokens(json::Fields& fields, std::int32_t low, std::int32_t usual);

// "stream_options": does a stream end with a chunk that has the usage?
bool decode_include_usage(json::Fields& fields);

constexpr std::size_t kMaxStops = 16;

}  // namespace shimmy::protocol::openai
