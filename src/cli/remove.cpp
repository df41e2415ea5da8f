#include "cli/remove.h"

#include <fmt/core.h>

#include <CLI/App.hpp>
#include <algorithm>
#include <filesystem>
#include <optional>
#include <system_error>
#include <utility>

#include "base/escape.h"
#include "base/letter_case.h"
#include "base/quantity.h"
#include "cli/question.h"
#include "models/alias_store.h"
#include "pull/removal.h"

namespace shimmy::cli {
namespace {

using base::ErrorCode;
using base::fail;
using base::Result;
namespace fs = std::filesystem;

struct Doomed {
  std::string name;
  std::vector<fs::path> files;
  std::uint64_t bytes = 0;
};

Doomed doomed(std::string name, std::vector<fs::path> files) {
  Doomed model{std::move(name), std::move(files)};
  for (const fs::path& file : model.files) {
    std::error_code error;
    if (const std::uint64_t bytes = fs::file_size(file, error); !error) model.bytes += bytes;
  }
  return model;
}

bool has_part(const fs::path& path, std::string_view name) {
  return std::ranges::any_of(path, [&](const fs::path& part) { return part == name; });
}

// Who is to remove what shimmy only found.
std::string owner(const models::ModelEntry& entry) {
  const fs::path& path = entry.path;
  if (has_part(path, ".ollama") || entry.source == "ollama") {
    return fmt::format("It belongs to Ollama: ollama rm {}", entry.name);
  }
  if (has_part(path, "huggingface") || entry.source == "hugging face") {
    return "It belongs to the cache of the Hugging Face tools: hf cache rm, or "
           "huggingface-cli delete-cache";
  }
  if (has_part(path, ".lmstudio") || has_part(path, "lm-studio")) {
    return "It belongs to LM Studio: remove it in its list of models";
  }
  return fmt::format("It lies in {}, which is not shimmy's own: delete the file there",
                     path.parent_path().string());
}

// What a stopped pull has left, by the name of its file or its directory.
std::vector<fs::path> unfinished(const std::string& name, const fs::path& directory) {
  const std::string bare = name.substr(0, name.rfind(':'));
  std::vector<fs::path> files;
  for (const fs::path& model : pull::unfinished_models(directory)) {
    const fs::path inside = model.lexically_relative(directory);
    const bool is_meant = inside.stem() == name || inside.filename() == name || inside == name ||
                          inside.parent_path() == bare;
    if (!is_meant) continue;
    for (const fs::path& file : pull::files_of(model)) files.push_back(file);
  }
  return files;
}

// The user's own alias of that name as it is written, if there is one: only that is to go.
Result<std::optional<std::string>> alias_of(const std::string& name,
                                            const models::AliasStore& store) {
  const auto aliases = store.load();
  if (!aliases) return std::unexpected(aliases.error());
  for (const auto& [alias, model] : *aliases) {
    if (base::equal_ignoring_case(alias, name)) return alias;
  }
  return std::nullopt;
}

Result<Doomed> find(const std::string& name, const models::Catalog& catalog,
                    const fs::path& directory) {
  const auto entry = catalog.find(name);
  if (!entry) {
    auto files = unfinished(name, directory);
    if (files.empty()) return std::unexpected(entry.error());
    return doomed(fmt::format("what an unfinished pull of {} left", name), std::move(files));
  }
  if (!pull::lies_in(entry->path, directory)) {
    return fail(ErrorCode::InvalidRequest, "{} is not shimmy's to remove. {}.", entry->name,
                owner(*entry));
  }
  return doomed(entry->name, pull::files_of(entry->path));
}

Result<void> confirm(const std::vector<Doomed>& models, const RemoveOptions& options,
                     Terminal& terminal) {
  if (options.yes || models.empty()) return {};
  if (!can_ask(terminal)) {
    return fail(
        ErrorCode::InvalidRequest,
        "Nobody can be asked whether that is meant: repeat it with --yes. Nothing was removed.");
  }
  for (const Doomed& model : models) {
    terminal.err << fmt::format("Remove {} ({}, {} {})?\n", base::escape_control(model.name),
                                base::human_bytes(model.bytes), model.files.size(),
                                model.files.size() == 1 ? "file" : "files");
  }
  const auto answer = ask(terminal, "Type y to remove: ");
  if (!answer) return std::unexpected(answer.error());
  if (*answer == "y" || *answer == "Y" || *answer == "yes") return {};
  return fail(ErrorCode::Cancelled, "Nothing was removed.");
}

int failed(Terminal& terminal, const base::Error& error) {
  print_error(terminal, error);
  return exit_code(error);
}

void add_flags(CLI::App& app, RemoveOptions& options) {
  app.add_option("NAME", options.names, "models to remove, as shimmy list names them")
      ->type_name("")
      ->required();
  app.add_flag("-y,--yes", options.yes, "ask nothing");
  app.footer(
      "\nOnly models that shimmy keeps itself are removed. What it merely found, it leaves alone:\n"
      "it says whose that is. Of an alias only the name goes.");
}

}  // namespace

int remove(const RemoveOptions& options, Terminal& terminal, const Services& services) {
  const fs::path directory = models::user_model_dir(services.environment);
  const models::Catalog catalog = services.scan({});
  const models::AliasStore store(models::alias_file(services.environment));
  std::vector<Doomed> models;
  std::vector<std::string> aliases;
  for (const std::string& name : options.names) {
    auto alias = alias_of(name, store);
    if (!alias) return failed(terminal, alias.error());
    if (*alias) {
      aliases.push_back(std::move(**alias));
      continue;
    }
    auto found = find(name, catalog, directory);
    if (!found) return failed(terminal, found.error());
    models.push_back(std::move(*found));
  }
  if (auto confirmed = confirm(models, options, terminal); !confirmed) {
    return failed(terminal, confirmed.error());
  }
  std::string text;
  for (const std::string& alias : aliases) {
    if (auto removed = store.remove(alias); !removed) return failed(terminal, removed.error());
    text += fmt::format("{} is no alias any more. Its model stays.\n", alias);
  }
  for (const Doomed& model : models) {
    if (auto removed = pull::remove_files(model.files, directory); !removed) {
      return failed(terminal, removed.error());
    }
    text += fmt::format("Removed {} ({}).\n", base::escape_control(model.name),
                        base::human_bytes(model.bytes));
  }
  return finish(terminal, text);
}

Command remove_command() {
  return plain_command<RemoveOptions>("rm", "remove models that shimmy keeps", add_flags, remove);
}

}  // namespace shimmy::cli
