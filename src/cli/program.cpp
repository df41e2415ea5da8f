#include "cli/program.h"

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>

#include "app/version.h"
#include "cli/commands.h"

namespace shimmy::cli {
namespace {

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

}  // namespace

Program::Program() : app_(std::make_unique<CLI::App>()) {
  app_->name("shimmy");
  app_->description(
      "Runs language models on this machine: at the command line, and as a server\n"
      "that speaks the OpenAI API.");
  app_->footer(kFooter);
  app_->formatter(std::make_shared<PlainFormatter>());
  app_->require_subcommand(0, 1);
  app_->set_version_flag("-V,--version", app::version_line(), "print the version");
  add_common(*app_);
  for (const Command& command : commands()) {
    CLI::App& app = *app_->add_subcommand(command.name, command.description);
    app.footer("");   // or it would show the program's
    add_common(app);  // first: commands may look for what they share
    commands_[command.name] = {command.define(app), command.usual_log_level};
  }
}

Program::~Program() = default;

const Program::Defined* Program::find(const std::string& command) const {
  const auto found = commands_.find(command);
  return found == commands_.end() ? nullptr : &found->second;
}

void Program::add_common(CLI::App& app) {
  app.set_help_flag("-h,--help", "print this help");
  app.allow_extras();  // so that unknown ones get a "did you mean"
  log_.add_to(app);
}

}  // namespace shimmy::cli
