// Refuses vocabularies over which libllama would abort, at once or with the first prompt.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "gguf/metadata.h"

namespace shimmy::gguf {

// Appends a sentence to `warnings` for each special token that libllama will ignore.
// Requires: check_general_key_types passed.
base::Result<void> check_vocabulary(const Metadata& metadata, std::string_view architecture,
                                    std::vector<std::string>& warnings);

}  // namespace shimmy::gguf
