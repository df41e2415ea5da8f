// From a conversation to the tokens that a model reads.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "base/error.h"
#include "chat/chat_template.h"
#include "generation/engine.h"
#include "generation/tokenizer.h"

namespace shimmy::chat {

// The rendered prompt as tokens. What the model wants at the start of a text (BOS) is added here,
// once: not when the template has written it itself. The prompt is tokenized as a whole, as models
// were trained; only a message that spells a special token is cut out and tokenized as plain text,
// so that nobody can forge a turn. Fails with InvalidRequest when the prompt is empty.
base::Result<std::vector<generation::Token>> encode_prompt(std::span<const PromptPart> parts,
                                                           const generation::Tokenizer& tokenizer,
                                                           const generation::ModelFacts& facts);

// Of these names of special tokens those that the model has. Words that are no special token are
// left out: they show in the text anyway.
std::vector<generation::Token> special_tokens(std::span<const std::string> names,
                                              const generation::Tokenizer& tokenizer);

}  // namespace shimmy::chat
