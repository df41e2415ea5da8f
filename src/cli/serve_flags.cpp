#include "cli/serve_flags.h"

#include <CLI/App.hpp>
#include <utility>

#include "app/config_sections.h"
#include "app/configure.h"
#include "app/environment.h"

namespace shimmy::cli {
namespace {

using app::SettingKind;
using app::SettingRule;

constexpr const char* kFooter = R"(
Everything here can stand in the configuration file, too: see shimmy config --help.

Examples:
  shimmy serve
  shimmy serve --bind 0.0.0.0:8080 --model-dir /data/models
  shimmy serve --bind unix:/run/shimmy.sock)";

// "… (30s)": the default, where it is short.
std::string help_of(const SettingRule& rule) {
  std::string text(rule.help);
  const bool is_worth_it =
      rule.usual != "none" && rule.usual != "0" && rule.usual != "true" && rule.usual != "false";
  if (is_worth_it && !rule.usual.contains(' ')) text += " (" + std::string(rule.usual) + ')';
  if (rule.kind == SettingKind::Choice) text = app::expectation(rule);
  return text;
}

// CLI11 reads the variable where the flag is missing; whether it was that is for us to find out.
bool is_from_variable(const SettingRule& rule, const std::vector<std::string>& texts) {
  if (rule.variable.empty() || texts.size() != 1) return false;
  return app::process_environment()(rule.variable) == texts.front();
}

}  // namespace

void SettingFlags::add_to(CLI::App& app) {
  verbose_ = app.get_option_no_throw("--verbose");
  app.add_option("--config", config_, "read this configuration file")
      ->type_name("FILE")
      ->envname("SHIMMY_CONFIG");
  for (const app::ConfigSection& section : app::config_sections()) {
    if (section.is_named) continue;
    for (const SettingRule* rule : section.rules) {
      if (!rule->flag.empty()) add_setting(app, *rule);
    }
  }
}

void SettingFlags::add_setting(CLI::App& app, const SettingRule& rule) {
  const std::string name = "--" + std::string(rule.flag);
  Given& given = given_.emplace_back(&rule, app.get_option_no_throw(name));
  if (given.option != nullptr) return;
  const bool is_switch = rule.kind == SettingKind::Boolean && rule.placeholder.empty();
  CLI::Option* option = is_switch ? app.add_flag(name, given.texts, help_of(rule))
                                  : app.add_option(name, given.texts, help_of(rule));
  if (!rule.variable.empty()) option->envname(std::string(rule.variable));
  const bool is_list = rule.kind == SettingKind::Texts || rule.kind == SettingKind::Paths;
  if (!is_switch) {
    option->type_name(std::string(rule.placeholder))->allow_extra_args(false);
    if (!is_list) option->expected(1);
  }
  given.option = option;
}

app::ConfigSources SettingFlags::sources() const {
  app::ConfigSources sources;
  sources.file = config_;
  for (const Given& given : given_) {
    if (given.option->count() == 0 || is_from_variable(*given.rule, given.option->results())) {
      continue;
    }
    sources.flags[std::string(given.rule->flag)] = given.option->results();
  }
  if (verbose_ != nullptr && verbose_->count() > 0) sources.flags["log-level"] = {"debug"};
  return sources;
}

void ServeFlags::add_to(CLI::App& app) {
  app.footer(kFooter);
  model_.add_to(app, "load this one at once; the others when asked for ($SHIMMY_MODEL)");
  settings_.add_to(app);
}

base::Result<app::ServeOptions> ServeFlags::options() const {
  app::ConfigSources sources = settings_.sources();
  auto model = model_.chosen();
  if (!model) return std::unexpected(std::move(model).error());
  if (!model->empty()) sources.flags["model"] = {std::move(*model)};
  return app::configure(sources, app::process_environment());
}

}  // namespace shimmy::cli
