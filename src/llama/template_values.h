// The variables that a Jinja template sees.
#pragma once

#include "llama/chat_template.h"

struct common_chat_template;

namespace jinja {
struct context;
}

namespace shimmy::llama {

class ToolSections;

// Fails with InvalidRequest, naming it, when a variable or a tool's schema is not JSON.
base::Result<void> set_variables(jinja::context& context, const common_chat_template& source,
                                 ToolSections& tool_sections, const TemplateInputs& inputs);

}  // namespace shimmy::llama
