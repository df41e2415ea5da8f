#include "cli/config.h"

#include <fmt/core.h>

#include <CLI/App.hpp>
#include <array>
#include <utility>

#include "app/config_example.h"
#include "app/config_file.h"
#include "app/config_report.h"
#include "app/config_schema.h"
#include "app/configure.h"
#include "base/escape.h"
#include "base/near_names.h"

namespace shimmy::cli {
namespace {

using Action = ConfigOptions::Action;

constexpr const char* kFooter = R"(
  check   looks for mistakes in FILE, or in the file that shimmy serve would read
  show    prints every setting, and where its value comes from
  schema  prints a JSON schema, for editors
  init    writes an example with every setting, all commented out

The file is $SHIMMY_CONFIG, else shimmy/config.toml in $XDG_CONFIG_HOME (~/.config).

Examples:
  shimmy config init
  shimmy config check
  shimmy config show --port 8080)";

constexpr std::array kActions{std::pair{"check", Action::Check}, std::pair{"show", Action::Show},
                              std::pair{"schema", Action::Schema}, std::pair{"init", Action::Init}};

int report(Terminal& terminal, const base::Error& error) {
  print_error(terminal, error);
  return exit_code(error);
}

int check(const ConfigOptions& options, Terminal& terminal, const Services& services) {
  const std::string file = app::find_config_file(options.sources.file, services.environment);
  if (file.empty()) {
    return finish(terminal,
                  fmt::format("There is no configuration file at {}: the defaults count.\n",
                              app::usual_config_file(services.environment).string()));
  }
  const auto document = app::read_config(file, services.environment);
  if (!document) return report(terminal, document.error());
  if (document->problems.empty()) {
    // Files that it names may be missing, too.
    if (const auto made = app::configure({{}, file}, services.environment); !made) {
      return report(terminal, made.error());
    }
    return finish(terminal, fmt::format("{}: no mistakes.\n", base::escape_control(file)));
  }
  std::string text;
  for (const app::ConfigProblem& problem : document->problems) {
    text += base::escape_control(app::to_string(*document, problem)) + '\n';
  }
  const int written = finish(terminal, text);
  return written != 0 ? written : 2;
}

int show(const ConfigOptions& options, Terminal& terminal, const Services& services) {
  const auto made = app::configure(options.sources, services.environment);
  if (!made) return report(terminal, made.error());
  return finish(terminal, options.json ? app::config_json(*made) : app::config_text(*made));
}

int init(const ConfigOptions& options, Terminal& terminal, const Services& services) {
  std::string path = options.sources.file;
  if (path.empty()) path = services.environment("SHIMMY_CONFIG").value_or("");
  if (path.empty()) path = app::usual_config_file(services.environment).string();
  if (auto written = app::write_config_example(path); !written) {
    return report(terminal, written.error());
  }
  return finish(terminal, fmt::format("{} is written: every setting, all commented out.\n",
                                      base::escape_control(path)));
}

}  // namespace

int config(const ConfigOptions& options, Terminal& terminal, const Services& services) {
  switch (options.action) {
    case Action::Check: return check(options, terminal, services);
    case Action::Show: return show(options, terminal, services);
    case Action::Schema: return finish(terminal, app::config_schema());
    case Action::Init: return init(options, terminal, services);
  }
  return 1;
}

Command config_command() {
  return checked_command<ConfigFlags>("config", "check, show or begin the configuration file",
                                      config);
}

void ConfigFlags::add_to(CLI::App& app) {
  app.footer(kFooter);
  app.add_option("ACTION", action_, "check, show, schema or init")->type_name("");
  app.add_option("FILE", file_, "in place of the usual file")->type_name("");
  app.add_flag("--json", json_, "show: print one JSON object");
  settings_.add_to(app);
}

base::Result<ConfigOptions> ConfigFlags::options() const {
  ConfigOptions options;
  options.json = json_;
  options.sources = settings_.sources();
  if (!file_.empty()) options.sources.file = file_;
  for (const auto& [name, action] : kActions) {
    if (action_ == name) {
      options.action = action;
      return options;
    }
  }
  std::vector<std::string> names;
  for (const auto& [name, action] : kActions) names.emplace_back(name);
  const auto near = base::near_names(action_, names, 1);
  if (action_.empty()) {
    return base::fail(base::ErrorCode::InvalidRequest,
                      "What about the configuration? Write shimmy config check, show, schema or "
                      "init.");
  }
  return base::fail(base::ErrorCode::InvalidRequest, "shimmy config cannot {}. {}",
                    base::json_quoted(action_),
                    near.empty() ? "It can check, show, schema and init."
                                 : fmt::format("Did you mean {}?", near.front()));
}

}  // namespace shimmy::cli
