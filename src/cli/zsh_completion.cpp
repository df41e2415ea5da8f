#include <fmt/core.h>
#include <fmt/ranges.h>

#include "cli/completion_scripts.h"

namespace shimmy::cli {
namespace {

constexpr const char* kHead = R"(#compdef shimmy
# zsh completion for shimmy: a file _shimmy in one of the directories of $fpath, or in ~/.zshrc
# after compinit: source <(shimmy completion zsh)

_shimmy_models() {
  local -a models
  models=("${(@f)$(shimmy list --short 2>/dev/null)}")
  (( ${#models[1]} )) && compadd -a models
}

)";

// For the inside of '…' in a specification of _arguments.
std::string escaped(const std::string& text) {
  std::string result;
  for (const char c : text) {
    if (c == '\'') {
      result += "'\\''";
      continue;
    }
    if (c == '[' || c == ']' || c == ':' || c == '\\') result += '\\';
    result += c;
  }
  return result;
}

std::string action(const std::string& value) {
  switch (value_kind(value)) {
    case ValueKind::Model: return "_shimmy_models";
    case ValueKind::File: return "_files";
    case ValueKind::Directory: return "_files -/";
    case ValueKind::Choice: return fmt::format("({})", fmt::join(choices(value), " "));
    case ValueKind::Other: return "";
  }
  return "";
}

std::string arguments(const CommandDefinition& command) {
  std::string text;
  for (const FlagDefinition& flag : command.flags) {
    for (const std::string& name : flag.names) {
      text += fmt::format(" \\\n        '{}[{}]", name, escaped(flag.description));
      if (!flag.value.empty()) text += ":" + escaped(flag.value) + ":" + action(flag.value);
      text += '\'';
    }
  }
  for (const PositionalDefinition& positional : command.positionals) {
    text += fmt::format(" \\\n        ':{}:{}'", escaped(positional.name), action(positional.name));
  }
  return text;
}

}  // namespace

std::string zsh_completion(const ProgramDefinition& program) {
  std::string text = std::string(kHead) + "_shimmy() {\n  local -a commands\n  commands=(\n";
  for (const CommandDefinition& command : program.commands) {
    text += fmt::format("    '{}:{}'\n", command.name, escaped(command.description));
  }
  text +=
      "  )\n  if (( CURRENT == 2 )); then\n    _describe command commands\n"
      "    _arguments" +
      arguments(program.program) +
      "\n    return\n  fi\n  local command=${words[2]}\n  (( CURRENT-- ))\n  shift words\n"
      "  case $command in\n";
  for (const CommandDefinition& command : program.commands) {
    text +=
        fmt::format("    {})\n      _arguments{}\n      ;;\n", command.name, arguments(command));
  }
  return text +
         "  esac\n}\n\n"
         "if [[ $funcstack[1] == _shimmy ]]; then _shimmy \"$@\"; else compdef _shimmy shimmy; "
         "fi\n";
}

}  // namespace shimmy::cli
