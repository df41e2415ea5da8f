// Refuses sizes of a model over which libllama would abort the process.
#pragma once

#include <string_view>

#include "base/error.h"
#include "gguf/metadata.h"

namespace shimmy::gguf {

// Looks only at keys that are there: what is missing libllama reports itself.
// Requires: check_model_key_types passed.
base::Result<void> check_hyperparameters(const Metadata& metadata, std::string_view architecture);

}  // namespace shimmy::gguf
