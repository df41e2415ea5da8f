// What llama-common makes of a template's text. For the .cpp files of this folder only.
#pragma once

#include <chat.h>

#include "llama/chat_template.h"
#include "llama/render_limits.h"
#include "llama/tool_sections.h"

namespace shimmy::llama {

struct ChatTemplate::Parsed {
  explicit Parsed(common_chat_template parsed) : source(std::move(parsed)) {
    ToolSections::remember(source.prog);
    RenderLimits::enforce(source.prog);
  }

  common_chat_template source;
  mutable ToolSections tool_sections;
};

}  // namespace shimmy::llama
