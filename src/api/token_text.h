// Input that clients give as text or as tokens.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "generation/tokenizer.h"
#include "protocol/openai/completion_request.h"

namespace shimmy::api {

// Text is tokenized as a whole prompt, begun as the model wants it, and names of special tokens in
// it are plain text; of no text at all comes the token that texts begin with. Tokens are taken as
// they are; fails with InvalidRequest, naming `field`, where the model has no such token, and where
// no token is left.
base::Result<std::vector<generation::Token>> tokens_of(const protocol::openai::TextOrTokens& input,
                                                       const generation::Tokenizer& tokenizer,
                                                       std::string_view field);

// What `before` and `after` leave out is to be filled in. Fails as tokens_of, and where the model
// was not trained for that.
base::Result<std::vector<generation::Token>> infill_tokens(
    const protocol::openai::TextOrTokens& before, const std::string& after,
    const generation::Tokenizer& tokenizer, std::string_view field);

// The text itself, or that of the tokens.
std::string text_of(const protocol::openai::TextOrTokens& input,
                    const generation::Tokenizer& tokenizer);

// Of all tokens together; bytes that are no characters become U+FFFD.
std::string text_of(std::span<const generation::Token> tokens,
                    const generation::Tokenizer& tokenizer, bool show_special = false);

}  // namespace shimmy::api
