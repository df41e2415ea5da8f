#include "cli/definitions.h"

#include <CLI/App.hpp>
#include <algorithm>
#include <sstream>

namespace shimmy::cli {
namespace {

FlagDefinition flag(const CLI::Option& option) {
  FlagDefinition result;
  for (const std::string& name : option.get_lnames()) result.names.push_back("--" + name);
  for (const std::string& name : option.get_snames()) result.names.push_back("-" + name);
  if (option.get_type_size() != 0) result.value = option.get_type_name();
  result.variable = option.get_envname();
  result.description = option.get_description();
  return result;
}

CommandDefinition command(const CLI::App& app) {
  CommandDefinition result;
  result.name = app.get_name();
  result.description = app.get_description();
  result.footer = app.get_footer();
  for (const CLI::Option* option : app.get_options()) {
    if (option->get_positional()) {
      result.positionals.push_back(
          {option->get_name(true), option->get_description(), option->get_required()});
    } else {
      result.flags.push_back(flag(*option));
    }
  }
  return result;
}

}  // namespace

ProgramDefinition definition(const CLI::App& app) {
  ProgramDefinition result{command(app), {}};
  for (const CLI::App* subcommand : app.get_subcommands({})) {
    result.commands.push_back(command(*subcommand));
  }
  return result;
}

ValueKind value_kind(const std::string& value) {
  if (value == "MODEL") return ValueKind::Model;
  if (value == "FILE" || value.starts_with("FILE|")) return ValueKind::File;
  if (value == "DIR") return ValueKind::Directory;
  const bool is_lower = std::ranges::all_of(value, [](char c) {
    return c == '|' || c == '_' || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
  });
  return is_lower && value.find('|') != std::string::npos ? ValueKind::Choice : ValueKind::Other;
}

std::vector<std::string> choices(const std::string& value) {
  std::vector<std::string> result;
  std::istringstream parts(value);
  for (std::string part; std::getline(parts, part, '|');) result.push_back(part);
  return result;
}

}  // namespace shimmy::cli
