// What the arguments ask for.
#pragma once

#include <span>
#include <string>
#include <variant>
#include <vector>

#include "app/options.h"
#include "base/error.h"
#include "base/log.h"
#include "cli/config.h"
#include "cli/diag.h"
#include "cli/generate.h"
#include "cli/list.h"
#include "cli/probe.h"

namespace shimmy::cli {

struct StatusOptions {};  // no command at all

// --help or --version: the text for stdout.
struct PrintText {
  std::string text;
};

using Command = std::variant<StatusOptions, PrintText, GenerateOptions, ListOptions, ProbeOptions,
                             DiagOptions, ConfigOptions, app::ServeOptions>;

struct CommandLine {
  Command command;
  base::LogLevel log_level = base::LogLevel::Warning;
  base::LogFormat log_format = base::LogFormat::Text;
};

// `arguments` without the program's name. Reads the SHIMMY_ variables that stand beside the flags.
// Fails with InvalidRequest: what is wrong, with a "did you mean" where something is near.
base::Result<CommandLine> parse_command_line(std::span<const std::string> arguments);

// The text of --help for the whole program.
std::string help_text();

}  // namespace shimmy::cli
