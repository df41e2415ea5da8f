// What the arguments ask for.
#pragma once

#include <optional>
#include <span>
#include <string>

#include "base/error.h"
#include "base/log.h"
#include "cli/command.h"

namespace shimmy::cli {

struct CommandLine {
  std::optional<std::string> text;       // --help or --version: for stdout
  std::optional<Invocation> invocation;  // empty: no command at all
  base::LogLevel log_level = base::LogLevel::Warning;
  base::LogFormat log_format = base::LogFormat::Text;
};

// `arguments` without the program's name. Reads the SHIMMY_ variables that stand beside the flags.
// Fails with InvalidRequest: what is wrong, with a "did you mean" where something is near.
base::Result<CommandLine> parse_command_line(std::span<const std::string> arguments);

// The text of --help for the whole program.
std::string help_text();

}  // namespace shimmy::cli
