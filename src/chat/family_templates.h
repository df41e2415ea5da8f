// Chat templates for model files that have none.
#pragma once

#include <string>
#include <string_view>

#include "base/error.h"
#include "generation/engine.h"

namespace shimmy::chat {

// The Jinja text of the family that the model's architecture and name tell; ChatML where they tell
// nothing.
std::string family_template(const generation::ModelFacts& facts);

// Jinja text of a family by name ("chatml", "llama3", …). Fails with ModelLoadFailed, listing the
// names.
base::Result<std::string> named_template(std::string_view name);

}  // namespace shimmy::chat
