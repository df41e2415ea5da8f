#include "cli/command_line.h"

#include <fmt/core.h>
#include <fmt/ranges.h>

#include <CLI/App.hpp>
#include <algorithm>
#include <any>
#include <utility>
#include <vector>

#include "app/options.h"
#include "base/near_names.h"
#include "cli/program.h"

namespace shimmy::cli {
namespace {

using base::ErrorCode;
using base::fail;
using base::Result;

// The command that was named, else the program itself.
CLI::App& chosen(CLI::App& program) {
  const std::vector<CLI::App*> parsed = program.get_subcommands();
  return parsed.empty() ? program : *parsed.front();
}

std::string ask_for_help(const CLI::App& app) {
  return fmt::format("See {} --help.",
                     app.get_parent() == nullptr ? "shimmy" : "shimmy " + app.get_name());
}

std::unexpected<base::Error> explain(const CLI::ParseError& error, const CLI::App& app) {
  std::string text = error.what();
  std::ranges::replace(text, '\n', ' ');
  constexpr std::string_view conversion = "Could not convert: ";
  if (text.starts_with(conversion)) {
    text = "This value is out of range, or of the wrong kind: " + text.substr(conversion.size());
  }
  return fail(ErrorCode::InvalidRequest, "{}. {}", text, ask_for_help(app));
}

// What could have been meant by `word`.
std::vector<std::string> known_names(const CLI::App& app, const std::string& word) {
  std::vector<std::string> names;
  if (word.starts_with('-')) {
    for (const CLI::Option* option : app.get_options()) {
      for (const std::string& name : option->get_lnames()) names.push_back("--" + name);
    }
  } else if (app.get_parent() == nullptr) {
    for (const CLI::App* command : app.get_subcommands({})) names.push_back(command->get_name());
  }
  return names;
}

Result<void> refuse_unknown(const CLI::App& program, const CLI::App& app) {
  const bool is_program = &app == &program;
  if (const auto before_command = program.remaining(); !is_program && !before_command.empty()) {
    return fail(ErrorCode::InvalidRequest,
                "{} must not stand before the command. Write shimmy {} first.",
                before_command.front(), app.get_name());
  }
  const std::vector<std::string> unknown = app.remaining();
  if (unknown.empty()) return {};
  const std::string word = unknown.front().substr(0, unknown.front().find('='));
  const std::vector<std::string> near = base::near_names(word, known_names(app, word), 2);
  const std::string hint =
      near.empty() ? ask_for_help(app) : fmt::format("Did you mean {}?", fmt::join(near, " or "));
  if (word.starts_with('-')) {
    return fail(ErrorCode::InvalidRequest, "There is no flag {}. {}", word, hint);
  }
  if (is_program) {
    return fail(ErrorCode::InvalidRequest, "There is no command {}. {}", word, hint);
  }
  return fail(ErrorCode::InvalidRequest, "What is \"{}\"? {} does not take it. {}", word,
              app.get_name(), hint);
}

Result<CommandLine> read(Program& program) {
  const CLI::App& app = chosen(program.app());
  if (auto known = refuse_unknown(program.app(), app); !known) {
    return std::unexpected(known.error());
  }
  CommandLine line;
  if (const Program::Defined* command = program.find(app.get_name())) {
    auto invocation = command->invoke();
    if (!invocation) return std::unexpected(std::move(invocation).error());
    line.log_level = command->usual_log_level;
    line.invocation = std::move(*invocation);
  }
  // A server's configuration says how it logs, too; it has seen the flags.
  const auto* serve =
      line.invocation ? std::any_cast<app::ServeOptions>(&line.invocation->options) : nullptr;
  if (serve != nullptr) line.log_level = serve->log_level.value_or(line.log_level);
  const auto level = program.log().level(line.log_level);
  if (!level) return std::unexpected(level.error());
  const auto format = program.log().format();
  if (!format) return std::unexpected(format.error());
  line.log_level = *level;
  line.log_format = serve != nullptr ? serve->log_format.value_or(*format) : *format;
  return line;
}

}  // namespace

Result<CommandLine> parse_command_line(std::span<const std::string> arguments) {
  Program program;
  std::vector<std::string> reversed(arguments.rbegin(), arguments.rend());  // as CLI11 wants it
  try {
    program.app().parse(reversed);
  } catch (const CLI::CallForHelp&) {
    return CommandLine{.text = program.app().help()};
  } catch (const CLI::CallForVersion& version) {
    return CommandLine{.text = std::string(version.what()) + '\n'};
  } catch (const CLI::ParseError& error) {
    return explain(error, chosen(program.app()));
  }
  return read(program);
}

std::string help_text() { return Program().app().help(); }

}  // namespace shimmy::cli
