// The answers of GET /v1/models and GET /v1/models/{id}.
#pragma once

#include <span>
#include <string>

#include "protocol/model_card.h"

namespace shimmy::protocol::openai {

// One object, with the keys that Anthropic's clients read beside OpenAI's.
std::string encode_model(const ModelCard& card);

std::string encode_models(std::span<const ModelCard> cards);

}  // namespace shimmy::protocol::openai
