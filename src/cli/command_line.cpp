#include "cli/command_line.h"

#include <fmt/core.h>
#include <fmt/ranges.h>

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <algorithm>
#include <utility>

#include "app/version.h"
#include "base/near_names.h"
#include "cli/config.h"
#include "cli/flags.h"
#include "cli/generate_flags.h"
#include "cli/serve_flags.h"

namespace shimmy::cli {
namespace {

using base::ErrorCode;
using base::fail;
using base::Result;

constexpr const char* kFooter = R"(
Examples:
  shimmy generate --prompt "Hello" --max-tokens 50 --temperature 0.7
  shimmy serve --bind 127.0.0.1:11435
  shimmy list

shimmy COMMAND --help tells more about each.)";

// The text that CLI11 puts behind an option; most of its own is noise.
class PlainFormatter final : public CLI::Formatter {
 public:
  PlainFormatter() { column_width(34); }
  std::string make_option_opts(const CLI::Option* option) const override {
    std::string text;
    if (option->get_type_size() != 0) text += " " + option->get_type_name();
    if (!option->get_envname().empty()) text += " ($" + option->get_envname() + ")";
    return text;
  }
};

// One parse: the definitions of all flags, and the values that they fill.
class Parser {
 public:
  Parser() {
    app_.name("shimmy");
    app_.description(
        "Runs language models on this machine: at the command line, and as a server\n"
        "that speaks the OpenAI API.");
    app_.footer(kFooter);
    app_.formatter(std::make_shared<PlainFormatter>());
    app_.require_subcommand(0, 1);
    app_.set_version_flag("-V,--version", app::version_line(), "print the version");
    add_common(app_);
    generate_.add_to(add_command("generate", "generate text from a prompt"));
    serve_.add_to(add_command("serve", "start the server"));
    define_list();
    define_probe();
    define_diag();
    config_.add_to(add_command("config", "check, show or begin the configuration file"));
  }

  Result<CommandLine> parse(std::span<const std::string> arguments) {
    std::vector<std::string> reversed(arguments.rbegin(), arguments.rend());  // as CLI11 wants it
    try {
      app_.parse(reversed);
    } catch (const CLI::CallForHelp&) {
      return CommandLine{PrintText{app_.help()}};
    } catch (const CLI::CallForVersion& version) {
      return CommandLine{PrintText{std::string(version.what()) + '\n'}};
    } catch (const CLI::ParseError& error) {
      return explain(error);
    }
    if (auto known = refuse_unknown(); !known) return std::unexpected(known.error());
    auto command = chosen();
    if (!command) return std::unexpected(std::move(command).error());
    const auto* serve = std::get_if<app::ServeOptions>(&*command);
    const auto level =
        log_.level(serve == nullptr ? base::LogLevel::Warning
                                    : serve->log_level.value_or(base::LogLevel::Info));
    if (!level) return std::unexpected(level.error());
    const auto format = serve != nullptr && serve->log_format
                            ? Result<base::LogFormat>(*serve->log_format)
                            : log_.format();
    if (!format) return std::unexpected(format.error());
    return CommandLine{std::move(*command), *level, *format};
  }

  std::string help() const { return app_.help(); }

 private:
  void add_common(CLI::App& app) {
    app.set_help_flag("-h,--help", "print this help");
    app.allow_extras();  // so that refuse_unknown() can say what was meant
    log_.add_to(app);
  }

  CLI::App& add_command(const std::string& name, const std::string& description) {
    CLI::App& command = *app_.add_subcommand(name, description);
    command.footer("");  // or it would show the program's
    add_common(command);
    return command;
  }

  void define_list() {
    CLI::App& app = add_command("list", "list the models on this machine");
    app.add_flag("--json", list_.json, "print one JSON object");
    app.add_flag("-s,--short", list_.names_only, "print names only");
    app.add_flag("-a,--all", list_.all, "broken files too, with their reasons");
    add_model_dirs(app, list_.model_dirs);
  }

  void define_probe() {
    CLI::App& app = add_command("probe", "load a model and see whether it works");
    probe_model_.add_to(app, "name or path of a .gguf file ($SHIMMY_MODEL)");
    app.add_flag("--json", probe_.json, "print one JSON object");
    add_engine(app, probe_.engine);
    add_model_dirs(app, probe_.model_dirs);
  }

  void define_diag() {
    CLI::App& app = add_command("diag", "look at machine, models and port: what is wrong?");
    app.add_flag("--json", diag_.json, "print one JSON object");
    add_model_dirs(app, diag_.model_dirs);
  }

  CLI::App& current() {
    const std::vector<CLI::App*> parsed = app_.get_subcommands();
    return parsed.empty() ? app_ : *parsed.front();
  }

  std::string ask_for_help() {
    CLI::App& app = current();
    return fmt::format("See {} --help.", &app == &app_ ? "shimmy" : "shimmy " + app.get_name());
  }

  std::unexpected<base::Error> explain(const CLI::ParseError& error) {
    std::string text = error.what();
    std::ranges::replace(text, '\n', ' ');
    constexpr std::string_view conversion = "Could not convert: ";
    if (text.starts_with(conversion)) {
      text = "This value is out of range, or of the wrong kind: " + text.substr(conversion.size());
    }
    return fail(ErrorCode::InvalidRequest, "{}. {}", text, ask_for_help());
  }

  Result<void> refuse_unknown() {
    CLI::App& app = current();
    const std::vector<std::string> before_command = app_.remaining();
    if (&app != &app_ && !before_command.empty()) {
      return fail(ErrorCode::InvalidRequest,
                  "{} must not stand before the command. Write shimmy {} first.",
                  before_command.front(), app.get_name());
    }
    const std::vector<std::string> unknown = app.remaining();
    if (unknown.empty()) return {};
    const std::string word = unknown.front().substr(0, unknown.front().find('='));
    std::vector<std::string> names;
    if (word.starts_with('-')) {
      for (const CLI::Option* option : app.get_options()) {
        for (const std::string& name : option->get_lnames()) names.push_back("--" + name);
      }
    } else if (&app == &app_) {
      for (const CLI::App* command : app_.get_subcommands({})) names.push_back(command->get_name());
    }
    const std::vector<std::string> near = base::near_names(word, names, 2);
    const std::string hint =
        near.empty() ? ask_for_help() : fmt::format("Did you mean {}?", fmt::join(near, " or "));
    if (word.starts_with('-')) {
      return fail(ErrorCode::InvalidRequest, "There is no flag {}. {}", word, hint);
    }
    if (&app == &app_) {
      return fail(ErrorCode::InvalidRequest, "There is no command {}. {}", word, hint);
    }
    return fail(ErrorCode::InvalidRequest, "What is \"{}\"? {} does not take it. {}", word,
                app.get_name(), hint);
  }

  Result<Command> chosen() const {
    if (app_.got_subcommand("list")) return list_;
    if (app_.got_subcommand("diag")) return diag_;
    if (app_.got_subcommand("generate")) return generate_.options();
    if (app_.got_subcommand("config")) return config_.options();
    if (app_.got_subcommand("serve")) return serve_.options();
    if (app_.got_subcommand("probe")) return chosen_probe();
    return StatusOptions{};
  }

  Result<Command> chosen_probe() const {
    auto model = probe_model_.chosen();
    if (!model) return std::unexpected(std::move(model).error());
    ProbeOptions options = probe_;
    options.model = std::move(*model);
    return options;
  }

  CLI::App app_;
  LogFlags log_;
  GenerateFlags generate_;
  ServeFlags serve_;
  ListOptions list_;
  ProbeOptions probe_;
  ModelFlags probe_model_;
  DiagOptions diag_;
  ConfigFlags config_;
};

}  // namespace

Result<CommandLine> parse_command_line(std::span<const std::string> arguments) {
  return Parser().parse(arguments);
}

std::string help_text() { return Parser().help(); }

}  // namespace shimmy::cli
