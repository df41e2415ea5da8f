#include <fmt/core.h>
#include <fmt/ranges.h>

#include <vector>

#include "cli/completion_scripts.h"

namespace shimmy::cli {
namespace {

// Bash cuts words at : and =, which names of models have: the word is taken from the line itself,
// and of an answer only what comes behind the last of them is given back. Names are quoted and
// never expanded (as compgen -W would): a file's name must not become a command.
constexpr const char* kHead =
    R"bash(# bash completion for shimmy. In ~/.bashrc: source <(shimmy completion bash)

_shimmy_offer() {
  local cut="" offer
  [[ $current == *[:=]* ]] && cut="${current%"${current##*[:=]}"}"
  while IFS= read -r offer; do
    [[ -n $offer && $offer == "$current"* ]] && COMPREPLY+=("$(printf '%q' "${offer#"$cut"}")")
  done <<< "$1"
}

_shimmy_models() { _shimmy_offer "$(shimmy list --short 2>/dev/null)";
}

_shimmy_files() {
  local IFS=$'\n'
  compopt -o filenames 2>/dev/null
  COMPREPLY=($(compgen "$1" -- "$current"))
}

)bash";

constexpr const char* kStart = R"bash(_shimmy() {
  local line="${COMP_LINE:0:COMP_POINT}" current="" previous="" command="" word
  local -a words
  read -ra words <<< "$line"
  [[ $line == *[[:space:]] ]] && words+=("")
  current="${words[-1]}"
  ((${#words[@]} > 1)) && previous="${words[-2]}"
  for word in "${words[@]:1:${#words[@]}-2}"; do
    [[ $word != -* ]] && { command="$word"; break; }
  done
  COMPREPLY=()
  case "$command $previous" in
)bash";

std::string action(const std::string& value) {
  switch (value_kind(value)) {
    case ValueKind::Model: return "_shimmy_models";
    case ValueKind::File: return "_shimmy_files -f";
    case ValueKind::Directory: return "_shimmy_files -d";
    case ValueKind::Choice:
      return fmt::format("_shimmy_offer $'{}'", fmt::join(choices(value), "\\n"));
    case ValueKind::Other: return ":";
  }
  return ":";
}

std::string value_cases(const CommandDefinition& command) {
  std::string text;
  for (const FlagDefinition& flag : command.flags) {
    if (flag.value.empty()) continue;
    std::vector<std::string> patterns;
    for (const std::string& name : flag.names) {
      patterns.push_back(fmt::format("\"{} {}\"", command.name, name));
    }
    text += fmt::format("    {}) {}; return ;;\n", fmt::join(patterns, " | "), action(flag.value));
  }
  return text;
}

std::string flag_words(const CommandDefinition& command) {
  std::vector<std::string> names;
  for (const FlagDefinition& flag : command.flags) {
    names.insert(names.end(), flag.names.begin(), flag.names.end());
  }
  return fmt::format("$'{}'", fmt::join(names, "\\n"));
}

}  // namespace

std::string bash_completion(const ProgramDefinition& program) {
  std::string text = std::string(kHead) + kStart;
  for (const CommandDefinition& command : program.commands) text += value_cases(command);
  text += "  esac\n  case \"$command\" in\n";
  std::vector<std::string> names;
  for (const CommandDefinition& command : program.commands) {
    names.push_back(command.name);
    text +=
        fmt::format("    {})\n      if [[ $current == -* ]]; then _shimmy_offer {}; return; fi\n",
                    command.name, flag_words(command));
    if (!command.positionals.empty()) {
      text += fmt::format("      {}\n", action(command.positionals.front().name));
    }
    text += "      ;;\n";
  }
  return text + fmt::format(
                    "    \"\")\n"
                    "      if [[ $current == -* ]]; then _shimmy_offer {}; return; fi\n"
                    "      _shimmy_offer $'{}'\n      ;;\n  esac\n}}\n\n"
                    "complete -F _shimmy shimmy\n",
                    flag_words(program.program), fmt::join(names, "\\n"));
}

}  // namespace shimmy::cli
