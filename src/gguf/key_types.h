// The types that libllama insists on for the keys it knows.
#pragma once

#include <string_view>

#include "base/error.h"
#include "gguf/metadata.h"

namespace shimmy::gguf {

// Keys that are not named after an architecture: general.*, split.*, tokenizer.*.
base::Result<void> check_general_key_types(const Metadata& metadata);

// Keys such as llama.context_length.
base::Result<void> check_model_key_types(const Metadata& metadata, std::string_view architecture);

}  // namespace shimmy::gguf
