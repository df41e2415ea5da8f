#include "cli/discover.h"

#include <fmt/core.h>
#include <fmt/ranges.h>

#include <CLI/App.hpp>
#include <boost/json.hpp>
#include <utility>

#include "base/escape.h"
#include "base/quantity.h"
#include "cli/flags.h"
#include "cli/json_text.h"
#include "cli/model_json.h"
#include "cli/table.h"
#include "gguf/text.h"

namespace shimmy::cli {
namespace {

namespace json = boost::json;
using models::Catalog;
using models::ModelEntry;
using models::SearchedDir;

std::vector<const ModelEntry*> wanted_entries(const Catalog& catalog, bool llm_only) {
  std::vector<const ModelEntry*> result;
  for (const ModelEntry& entry : catalog.entries()) {
    const bool is_llm = !entry.capabilities.embeddings && !entry.capabilities.rerank;
    if (is_llm || !llm_only) result.push_back(&entry);
  }
  return result;
}

std::string as_json(const Catalog& catalog, const std::vector<const ModelEntry*>& entries) {
  json::array found;
  for (const ModelEntry* entry : entries) {
    json::object object = to_json(*entry);
    object["new"] = catalog.is_new(*entry);
    found.push_back(std::move(object));
  }
  json::array stores;
  for (const SearchedDir& searched : catalog.dirs()) {
    stores.push_back({{"source", searched.dir.source},
                      {"path", gguf::valid_utf8(searched.dir.path.native())},
                      {"exists", searched.exists},
                      {"models", searched.models},
                      {"new", searched.new_models},
                      {"broken", searched.broken},
                      {"problems", json::value_from(searched.problems)}});
  }
  return json_text(json::object{{"models", std::move(found)},
                                {"stores", std::move(stores)},
                                {"broken", broken_json(catalog)}});
}

std::string models_table(const Catalog& catalog, const std::vector<const ModelEntry*>& entries,
                         std::size_t width) {
  const std::vector<Column> columns{{"NAME", Align::Left, 9},   {"SIZE", Align::Right, 6},
                                    {"QUANT", Align::Left, 5},  {"CAN", Align::Left, 3},
                                    {"SOURCE", Align::Left, 7}, {"", Align::Left, 8}};
  std::vector<std::vector<std::string>> rows;
  for (const ModelEntry* entry : entries) {
    const auto can = capability_names(entry->capabilities);
    rows.push_back({base::escape_control(entry->name), base::human_bytes(entry->size_bytes),
                    entry->quantization.empty() ? "-" : base::escape_control(entry->quantization),
                    can.empty() ? "-" : fmt::format("{}", fmt::join(can, " ")),
                    base::escape_control(entry->source), catalog.is_new(*entry) ? "new" : ""});
  }
  return render_table(columns, rows, width);
}

std::string stores_table(const Catalog& catalog, std::size_t width) {
  const std::vector<Column> columns{{"SOURCE", Align::Left, 9},
                                    {"MODELS", Align::Right, 8},
                                    {"NEW", Align::Right, 6},
                                    {"BROKEN", Align::Right, 7},
                                    {"DIRECTORY", Align::Left, 5}};
  std::vector<std::vector<std::string>> rows;
  for (const SearchedDir& searched : catalog.dirs()) {
    std::string directory = base::escape_control(searched.dir.path.native());
    if (!searched.exists) directory += " (does not exist)";
    rows.push_back({base::escape_control(searched.dir.source), std::to_string(searched.models),
                    std::to_string(searched.new_models), std::to_string(searched.broken),
                    std::move(directory)});
  }
  return render_table(columns, rows, width);
}

// What is wrong, a line each; empty where nothing is.
std::string troubles(const Catalog& catalog) {
  std::string broken;
  for (const models::BrokenModel& model : catalog.broken()) {
    broken += fmt::format("{} ({}): {}\n", base::escape_control(model.name),
                          base::escape_control(model.source), base::escape_control(model.reason));
  }
  std::string problems;
  for (const SearchedDir& searched : catalog.dirs()) {
    for (const std::string& problem : searched.problems) {
      problems += base::escape_control(problem) + '\n';
    }
  }
  std::string text;
  if (!broken.empty()) text += "\nBroken:\n" + broken;
  if (!problems.empty()) text += "\nNot searched:\n" + problems;
  return text;
}

void add_flags(CLI::App& app, DiscoverOptions& options) {
  app.add_flag("--json", options.json, "print one JSON object");
  app.add_flag("--llm-only", options.llm_only, "no models for embeddings or reranking");
  add_model_dirs(app, options.model_dirs);
}

}  // namespace

int discover(const DiscoverOptions& options, Terminal& terminal, const Services& services) {
  const Catalog catalog = services.scan(options.model_dirs);
  const auto entries = wanted_entries(catalog, options.llm_only);
  if (options.json) return finish(terminal, as_json(catalog, entries));
  const std::size_t width = terminal.out_is_tty ? terminal.width : 0;
  std::string text;
  if (!entries.empty()) text = models_table(catalog, entries, width) + '\n';
  text += stores_table(catalog, width) + troubles(catalog);
  if (catalog.entries().empty()) {
    terminal.err << "No models were found.\n" << models::how_to_get_a_model() << '\n';
  }
  return finish(terminal, text);
}

Command discover_command() {
  return plain_command<DiscoverOptions>(
      "discover", "look for models: where, which are new, what is broken?", add_flags, discover);
}

}  // namespace shimmy::cli
