// Asking the user who sits at the terminal.
#pragma once

#include <string>

#include "base/error.h"
#include "cli/terminal.h"

namespace shimmy::cli {

// True where somebody can be asked and can see the question.
bool can_ask(const Terminal& terminal);

// Prints `text` and reads a line, without spaces around it. Fails with Cancelled at the end of the
// input.
base::Result<std::string> ask(Terminal& terminal, const std::string& text);

}  // namespace shimmy::cli
