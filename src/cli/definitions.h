// What the program's commands and flags are, as plain values: for the completions and the man page.
#pragma once

#include <string>
#include <vector>

namespace CLI {  // NOLINT(readability-identifier-naming): CLI11's name
class App;       // NOLINT(readability-identifier-naming): CLI11's name
}

namespace shimmy::cli {

struct FlagDefinition {
  std::vector<std::string> names;  // "--json", "-j"
  std::string value;               // what to write behind it ("FILE"); empty: nothing
  std::string variable;            // of the environment, that stands for it; empty: none
  std::string description;
};

struct PositionalDefinition {
  std::string name;  // "MODEL", "bash|zsh|fish"
  std::string description;
  bool is_required = false;
};

struct CommandDefinition {
  std::string name;
  std::string description;
  std::string footer;  // examples; may be empty
  std::vector<PositionalDefinition> positionals;
  std::vector<FlagDefinition> flags;
};

struct ProgramDefinition {
  CommandDefinition program;
  std::vector<CommandDefinition> commands;
};

ProgramDefinition definition(const CLI::App& app);

// What can stand where a value of that name is asked for.
enum class ValueKind { Other, Model, File, Directory, Choice };

// By the spelling: "MODEL", "FILE" (as in "FILE|NAME"), "DIR"; "bash|zsh|fish", all lower case, is
// a choice.
ValueKind value_kind(const std::string& value);

std::vector<std::string> choices(const std::string& value);  // of a Choice

}  // namespace shimmy::cli
