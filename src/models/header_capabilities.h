// What a model can do, read off its header.
#pragma once

#include <string_view>

#include "gguf/description.h"
#include "gguf/header.h"
#include "models/capabilities.h"

namespace shimmy::models {

// All but vision, which takes a projector. A model made for embeddings or for reranking is no chat
// model, even if it brings a template.
Capabilities capabilities_of(const gguf::Header& header, const gguf::Description& description);

// Whether a Jinja template uses the variable `tools`.
bool writes_tools(std::string_view chat_template);

// Whether it knows one of the markers between which models think.
bool knows_thoughts(std::string_view chat_template);

}  // namespace shimmy::models
