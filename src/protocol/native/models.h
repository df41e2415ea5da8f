// The answer of GET /api/models.
#pragma once

#include <span>
#include <string>

#include "protocol/model_card.h"

namespace shimmy::protocol::native {

std::string encode_models(std::span<const ModelCard> cards);

}  // namespace shimmy::protocol::native
