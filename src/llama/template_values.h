// The variables that a Jinja template sees.
#pragma once

#include "llama/chat_template.h"

struct common_chat_template;

namespace jinja {
struct context;
}

namespace shimmy::llama {

// Throws std::exception for JSON texts that are none: the caller stands at llama-common's door
// anyway.
void set_variables(jinja::context& context, const common_chat_template& source,
                   const TemplateInputs& inputs);

}  // namespace shimmy::llama
