#include <fmt/core.h>
#include <fmt/ranges.h>

#include "cli/completion_scripts.h"

namespace shimmy::cli {
namespace {

std::string quoted(const std::string& text) {
  std::string result = "'";
  for (const char c : text) {
    if (c == '\'' || c == '\\') result += '\\';
    result += c;
  }
  return result + "'";
}

// What to offer as a value, as options of `complete`.
std::string value_options(const std::string& value) {
  switch (value_kind(value)) {
    case ValueKind::Model: return " -x -a '(shimmy list --short 2>/dev/null)'";
    case ValueKind::File: return " -r -F";
    case ValueKind::Directory: return " -x -a '(__fish_complete_directories)'";
    case ValueKind::Choice: return fmt::format(" -x -a '{}'", fmt::join(choices(value), " "));
    case ValueKind::Other: return " -x";
  }
  return "";
}

std::string flag_lines(const CommandDefinition& command, const std::string& condition) {
  std::string text;
  for (const FlagDefinition& flag : command.flags) {
    text += fmt::format("complete -c shimmy -n {}", condition);
    for (const std::string& name : flag.names) {
      text += name.starts_with("--") ? " -l " + name.substr(2) : " -s " + name.substr(1);
    }
    text += fmt::format(" -d {}{}\n", quoted(flag.description),
                        flag.value.empty() ? "" : value_options(flag.value));
  }
  return text;
}

}  // namespace

std::string fish_completion(const ProgramDefinition& program) {
  std::string text =
      "# fish completion for shimmy. Write it to ~/.config/fish/completions/shimmy.fish\n"
      "complete -c shimmy -f\n";
  text += flag_lines(program.program, "__fish_use_subcommand");
  for (const CommandDefinition& command : program.commands) {
    text += fmt::format("complete -c shimmy -n __fish_use_subcommand -a {} -d {}\n", command.name,
                        quoted(command.description));
  }
  for (const CommandDefinition& command : program.commands) {
    const std::string condition = quoted("__fish_seen_subcommand_from " + command.name);
    text += flag_lines(command, condition);
    if (!command.positionals.empty()) {
      const std::string offer = value_options(command.positionals.front().name);
      if (offer != " -x") text += fmt::format("complete -c shimmy -n {}{}\n", condition, offer);
    }
  }
  return text;
}

}  // namespace shimmy::cli
