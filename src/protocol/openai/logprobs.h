// Log probabilities of generated tokens, in the two shapes of the OpenAI API.
#pragma once

#include <cstddef>
#include <span>
#include <string>

#include "generation/event.h"

namespace shimmy::protocol::openai {

// Of chat completions: {"content":[{"token","logprob","bytes","top_logprobs"}],"refusal":null}. A
// token that is part of a character shows U+FFFD; "bytes" is exact.
std::string encode_chat_logprobs(std::span<const generation::GeneratedToken> tokens);

// Of completions: {"tokens","token_logprobs","top_logprobs","text_offset"}. Offsets are in
// characters and count on over the chunks of a stream. One per choice.
class TextLogprobs {
 public:
  // `offset`: where the first token begins in the answer's text, in characters.
  explicit TextLogprobs(std::size_t offset = 0) : offset_(offset) {}

  // `without_first`: the first token has no probability, as nothing comes before it.
  std::string encode(std::span<const generation::GeneratedToken> tokens,
                     bool without_first = false);

 private:
  std::size_t offset_;
};

}  // namespace shimmy::protocol::openai
