// Counts and times of an answer, as OpenAI's and llama.cpp's clients read them.
#pragma once

#include <cstddef>
#include <string>

#include "generation/event.h"

namespace shimmy::protocol::openai {

// Of all choices of one answer together.
struct Usage {
  std::size_t prompt_tokens = 0;
  std::size_t completion_tokens = 0;  // reasoning included
  std::size_t cached_tokens = 0;
  std::size_t reasoning_tokens = 0;
  generation::Timings timings;  // of the first choice
};

// {"prompt_tokens":…,"completion_tokens":…,…}
std::string encode_usage(const Usage& usage);

// llama.cpp's "timings": how many tokens in how many milliseconds, and how fast that is.
std::string encode_timings(const Usage& usage);

}  // namespace shimmy::protocol::openai
