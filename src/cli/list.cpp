#include "cli/list.h"

#include <fmt/core.h>

#include <CLI/App.hpp>
#include <boost/json.hpp>

#include "base/escape.h"
#include "base/quantity.h"
#include "cli/flags.h"
#include "cli/json_text.h"
#include "cli/model_json.h"
#include "cli/table.h"

namespace shimmy::cli {
namespace {

namespace json = boost::json;
using models::Catalog;

std::string names(const Catalog& catalog) {
  std::string text;
  for (const models::ModelEntry& entry : catalog.entries()) {
    text += base::escape_control(entry.name) + '\n';
  }
  return text;
}

std::string as_json(const Catalog& catalog, bool all) {
  json::array entries;
  for (const models::ModelEntry& entry : catalog.entries()) entries.emplace_back(to_json(entry));
  json::object object{{"models", std::move(entries)}};
  if (all) object["broken"] = broken_json(catalog);
  return json_text(object);
}

std::string or_dash(const std::string& text) {
  return text.empty() ? "-" : base::escape_control(text);
}

std::string as_table(const Catalog& catalog, std::size_t width) {
  const std::vector<Column> columns{{"NAME", Align::Left, 9},     {"SIZE", Align::Right, 8},
                                    {"PARAMS", Align::Right, 5},  {"QUANT", Align::Left, 6},
                                    {"CONTEXT", Align::Right, 4}, {"SOURCE", Align::Left, 3}};
  std::vector<std::vector<std::string>> rows;
  for (const models::ModelEntry& entry : catalog.entries()) {
    rows.push_back({base::escape_control(entry.name), base::human_bytes(entry.size_bytes),
                    entry.parameters > 0 ? base::human_count(entry.parameters) : "-",
                    or_dash(entry.quantization),
                    entry.context_tokens > 0 ? std::to_string(entry.context_tokens) : "-",
                    or_dash(entry.source)});
  }
  return render_table(columns, rows, width);
}

std::string broken_text(const Catalog& catalog) {
  std::string text;
  for (const models::BrokenModel& model : catalog.broken()) {
    text += base::escape_control(model.reason) + '\n';
  }
  return text.empty() ? "\nNo broken files.\n" : "\nBroken files:\n" + text;
}

// What a person should know beside the table; programs do not see it.
void print_hints(const Catalog& catalog, bool all, Terminal& terminal) {
  if (catalog.entries().empty()) {
    terminal.err << "No models were found in " << models::summary(catalog.dirs()) << ".\n"
                 << models::how_to_get_a_model() << '\n';
  }
  if (const std::size_t broken = catalog.broken().size(); broken > 0 && !all) {
    terminal.err << fmt::format("{} broken file{} left out: see shimmy list --all.\n", broken,
                                broken == 1 ? "" : "s");
  }
}

void add_flags(CLI::App& app, ListOptions& options) {
  app.add_flag("--json", options.json, "print one JSON object");
  app.add_flag("-s,--short", options.names_only, "print names only");
  app.add_flag("-a,--all", options.all, "broken files too, with their reasons");
  add_model_dirs(app, options.model_dirs);
}

}  // namespace

int list(const ListOptions& options, Terminal& terminal, const Services& services) {
  const Catalog catalog = services.scan(options.model_dirs);
  if (options.json) return finish(terminal, as_json(catalog, options.all));
  if (options.names_only) return finish(terminal, names(catalog));
  std::string text;
  if (!catalog.entries().empty()) {
    text = as_table(catalog, terminal.out_is_tty ? terminal.width : 0);
  }
  if (options.all) text += broken_text(catalog);
  print_hints(catalog, options.all, terminal);
  return finish(terminal, text);
}

Command list_command() {
  return plain_command<ListOptions>("list", "list the models on this machine", add_flags, list);
}

}  // namespace shimmy::cli
