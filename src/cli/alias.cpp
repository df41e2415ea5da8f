#include "cli/alias.h"

#include <fmt/core.h>

#include <CLI/App.hpp>
#include <algorithm>
#include <boost/json.hpp>

#include "base/escape.h"
#include "cli/flags.h"
#include "cli/json_text.h"
#include "cli/table.h"
#include "models/alias_store.h"

namespace shimmy::cli {
namespace {

using base::Result;
using models::AliasStore;

constexpr const char* kAliasFooter = R"(
Examples:
  shimmy alias                          the aliases there are
  shimmy alias add small SmolLM2-135M-Instruct.Q4_1
  shimmy alias remove small)";

constexpr const char* kCpFooter = R"(
Examples:
  shimmy cp SmolLM2-135M-Instruct.Q4_1 small

No file is copied: the second name stands for the same model. See shimmy alias.)";

AliasStore store(const Services& services) {
  return AliasStore(models::alias_file(services.environment));
}

std::string as_json(const models::Aliases& aliases) {
  boost::json::object object;
  for (const auto& [alias, model] : aliases) object[alias] = model;
  return json_text({{"aliases", std::move(object)}});
}

Result<std::string> list_text(const AliasOptions& options, Terminal& terminal,
                              const Services& services) {
  const auto aliases = store(services).load();
  if (!aliases) return std::unexpected(aliases.error());
  if (options.json) return as_json(*aliases);
  if (aliases->empty()) {
    terminal.err << "There are no aliases. Make one: shimmy alias add ALIAS MODEL\n";
    return std::string();
  }
  const models::Catalog catalog = services.scan(options.model_dirs);
  std::vector<std::vector<std::string>> rows;
  for (const auto& [alias, model] : *aliases) {
    const bool is_there = catalog.find(model).has_value();
    rows.push_back({alias, base::escape_control(model) + (is_there ? "" : " (not there)")});
  }
  return render_table({{"ALIAS"}, {"MODEL"}}, rows, terminal.out_is_tty ? terminal.width : 0);
}

Result<std::string> add(const AliasOptions& options, const Services& services) {
  const models::Catalog catalog = services.scan(options.model_dirs);
  const auto entry = catalog.find(options.model);
  if (!entry) return std::unexpected(entry.error());
  if (auto added = store(services).add(options.alias, entry->name, catalog.entries()); !added) {
    return std::unexpected(std::move(added).error());
  }
  return fmt::format("{} stands for {}.\n", options.alias, base::escape_control(entry->name));
}

Result<std::string> remove(const AliasOptions& options, const Services& services) {
  if (auto removed = store(services).remove(options.alias); !removed) {
    return std::unexpected(std::move(removed).error());
  }
  return fmt::format("{} is no alias any more.\n", options.alias);
}

Result<std::string> act(const AliasOptions& options, Terminal& terminal, const Services& services) {
  const std::string& action = options.action;
  if (action.empty() || (action == "list" && options.alias.empty())) {
    return list_text(options, terminal, services);
  }
  if (action == "add" && !options.model.empty()) return add(options, services);
  if (action == "remove" && !options.alias.empty() && options.model.empty()) {
    return remove(options, services);
  }
  return base::fail(base::ErrorCode::InvalidRequest,
                    "Write shimmy alias, shimmy alias add ALIAS MODEL or shimmy alias remove "
                    "ALIAS.");
}

void add_alias_flags(CLI::App& app, AliasOptions& options) {
  app.footer(kAliasFooter);
  app.add_option("list|add|remove", options.action, "what to do; nothing: list")->type_name("");
  app.add_option("ALIAS", options.alias, "the other name")->type_name("");
  app.add_option("MODEL", options.model, "the model that add gives it to")->type_name("");
  app.add_flag("--json", options.json, "list as one JSON object");
  add_model_dirs(app, options.model_dirs);
}

void add_cp_flags(CLI::App& app, AliasOptions& options) {
  app.footer(kCpFooter);
  options.action = "add";
  app.add_option("MODEL", options.model, "the model")->type_name("")->required();
  app.add_option("ALIAS", options.alias, "its further name")->type_name("")->required();
  add_model_dirs(app, options.model_dirs);
}

}  // namespace

int alias(const AliasOptions& options, Terminal& terminal, const Services& services) {
  const auto text = act(options, terminal, services);
  if (text) return finish(terminal, *text);
  print_error(terminal, text.error());
  return exit_code(text.error());
}

Command alias_command() {
  return plain_command<AliasOptions>("alias", "give models further names", add_alias_flags, alias);
}

Command cp_command() {
  return plain_command<AliasOptions>("cp", "give a model a further name", add_cp_flags, alias);
}

}  // namespace shimmy::cli
