#include "models/catalog.h"

#include <fmt/core.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <filesystem>
#include <system_error>
#include <utility>

#include "base/letter_case.h"
#include "base/near_names.h"
#include "models/catalog_scan.h"
#include "models/describe.h"
#include "models/file_walk.h"
#include "models/stores/store.h"
#include "models/unique_names.h"

namespace shimmy::models {
namespace {

namespace fs = std::filesystem;
using base::Error;
using base::ErrorCode;
using base::Result;

// `name` as it stands, and without what other programs put around names.
std::vector<std::string_view> forms(std::string_view name) {
  std::vector<std::string_view> result{name};
  for (const std::string_view host : {"hf.co/", "huggingface.co/"}) {
    if (name.starts_with(host)) result.push_back(name.substr(host.size()));
  }
  constexpr std::string_view latest = ":latest";
  if (name.ends_with(latest)) result.push_back(name.substr(0, name.size() - latest.size()));
  return result;
}

}  // namespace

Catalog Catalog::scan(std::span<const ModelDir> dirs, const FactsReader& read) {
  return scan(dirs, ScanOptions{}, read);
}

Catalog Catalog::scan(std::span<const ModelDir> dirs, const ScanOptions& options,
                      const FactsReader& read) {
  Catalog catalog;
  CatalogScan scan(options, read);
  for (const ModelDir& dir : dirs) {
    const bool is_store = dir.store != nullptr;
    if (is_store && options.stores_left_out.contains(dir.store->name)) continue;
    SearchedDir searched = scan.search(dir);
    if (searched.exists || !is_store) catalog.dirs_.push_back(std::move(searched));
  }
  ScanFindings found = scan.take();
  catalog.broken_ = std::move(found.broken);
  for (const auto& [alias, name] : options.aliases) {
    catalog.user_aliases_[base::lowered(alias)] = name;
  }
  catalog.name_entries(found);
  catalog.settle_aliases();
  return catalog;
}

void Catalog::name_entries(ScanFindings& found) {
  std::vector<NamedFile> files;
  files.reserve(found.entries.size());
  for (std::size_t i = 0; i < found.entries.size(); ++i) {
    const ModelEntry& entry = found.entries[i];
    // Absolute, so that the same name comes out whatever the working directory is called from.
    files.push_back({entry.name, fs::absolute(entry.path).lexically_normal(), found.qualifiers[i]});
  }
  const std::vector<std::string> names = unique_names(files);
  std::vector<std::size_t> order(names.size());
  for (std::size_t i = 0; i < order.size(); ++i) order[i] = i;
  std::ranges::sort(order, {}, [&](std::size_t i) { return names[i]; });
  for (const std::size_t i : order) {
    ModelEntry& entry = found.entries[i];
    entry.aliases.push_back(std::exchange(entry.name, names[i]));
    index_.add(entry.name, NameIndex::Kind::Name, entries_.size());
    for (const std::string& alias : entry.aliases) {
      index_.add(alias, NameIndex::Kind::Alias, entries_.size());
    }
    if (found.is_new[i]) new_names_.insert(entry.name);
    entries_.push_back(std::move(entry));
  }
}

// Leaves each entry the aliases that mean it and nothing else.
void Catalog::settle_aliases() {
  for (std::size_t i = 0; i < entries_.size(); ++i) {
    ModelEntry& entry = entries_[i];
    std::erase_if(entry.aliases, [&](const std::string& alias) {
      return base::lowered(alias) == base::lowered(entry.name) ||
             index_.find(alias) != std::vector{i} || user_aliases_.contains(base::lowered(alias));
    });
  }
  for (const auto& [alias, name] : user_aliases_) {
    const auto meant = find_plain(name);
    if (!meant) continue;
    std::ranges::find(entries_, meant->name, &ModelEntry::name)->aliases.push_back(alias);
  }
  for (ModelEntry& entry : entries_) {
    std::ranges::sort(entry.aliases);
    const auto repeated = std::ranges::unique(entry.aliases, {}, base::lowered);
    entry.aliases.erase(repeated.begin(), repeated.end());
  }
}

Result<ModelEntry> Catalog::find(std::string_view name) const {
  const auto alias = user_aliases_.find(base::lowered(name));
  if (alias == user_aliases_.end()) return find_plain(name);
  auto found = find_plain(alias->second);
  if (found) return found;
  return base::fail(found.error().code, R"("{}" is an alias of "{}". {})", name, alias->second,
                    found.error().message);
}

Result<ModelEntry> Catalog::find_plain(std::string_view name) const {
  for (const std::string_view form : forms(name)) {
    const std::vector<std::size_t> found = index_.find(form);
    if (found.size() == 1) return entries_[found.front()];
    if (found.size() > 1) return std::unexpected(ambiguous(name, found));
  }
  for (const std::string_view form : forms(name)) {
    const std::string wanted = base::lowered(form);
    const auto broken = std::ranges::find_if(broken_, [&wanted](const BrokenModel& model) {
      const std::string its = base::lowered(model.name);
      return its == wanted || its == wanted + ":latest";
    });
    if (broken != broken_.end()) {
      return base::fail(ErrorCode::ModelLoadFailed, "The model \"{}\" cannot be used. {}",
                        broken->name, broken->public_reason);
    }
  }
  return std::unexpected(not_found(name));
}

Error Catalog::ambiguous(std::string_view name, std::span<const std::size_t> found) const {
  constexpr std::size_t most = 10;
  std::vector<std::string> candidates;
  for (const std::size_t index : found.first(std::min(found.size(), most))) {
    candidates.push_back(entries_[index].name);
  }
  if (found.size() > most) candidates.push_back(fmt::format("{} more", found.size() - most));
  return {ErrorCode::InvalidRequest,
          fmt::format("Several models are named \"{}\". Use one of: {}.", name,
                      fmt::join(candidates, ", ")),
          {},
          "model"};
}

Result<ModelEntry> Catalog::resolve(std::string_view name_or_path, const FactsReader& read) const {
  auto found = find(name_or_path);
  if (found || found.error().code != ErrorCode::ModelNotFound) return found;

  const fs::path path(name_or_path);
  // Names of repositories have a '/', too.
  const bool is_path =
      name_or_path.starts_with('/') || name_or_path.starts_with('.') ||
      (name_or_path.find('/') != std::string_view::npos && has_model_extension(path));
  std::error_code error;
  if (!is_path && !fs::exists(path, error)) {
    // People type the file's name for the model's.
    return has_model_extension(path) ? find(path.stem().string()) : std::move(found);
  }
  auto described = describe(path, read);
  if (!described) {
    if (described.error().code == ErrorCode::ModelNotFound) {
      described.error().details = found.error().message;
    }
    return std::unexpected(std::move(described).error());
  }
  if (described->facts.kind != FileKind::Model) {
    return base::fail(ErrorCode::InvalidRequest, "{} is {} and cannot generate text by itself.",
                      path.string(), described->facts.kind_word);
  }
  described->entry.source = "path";
  return std::move(described->entry);
}

Error Catalog::not_found(std::string_view name) const {
  if (entries_.empty()) {
    return {ErrorCode::ModelNotFound,
            fmt::format("There is no model \"{}\": no models were found. {}", name,
                        how_to_get_a_model()),
            fmt::format("Looked in {}.", summary(dirs_)),
            {}};
  }
  std::vector<std::string> names;
  names.reserve(entries_.size());
  for (const ModelEntry& entry : entries_) names.push_back(entry.name);
  const std::vector<std::string> near = base::near_names(name, names);
  if (!near.empty()) {
    return {
        ErrorCode::ModelNotFound,
        fmt::format("There is no model \"{}\". Did you mean {}?", name, fmt::join(near, " or ")),
        {},
        {}};
  }
  constexpr std::size_t shown = 5;
  const std::size_t more = names.size() - std::min(names.size(), shown);
  names.resize(names.size() - more);
  return {ErrorCode::ModelNotFound,
          fmt::format("There is no model \"{}\". There is {}{}.", name, fmt::join(names, ", "),
                      more > 0 ? fmt::format(" and {} more", more) : ""),
          {},
          {}};
}

std::string summary(std::span<const SearchedDir> dirs) {
  std::vector<std::string> parts;
  for (const SearchedDir& dir : dirs) {
    std::string found = "no models";
    if (dir.broken > 0) found = "only broken files";
    if (dir.models > 0) found = fmt::format("{} models", dir.models);
    if (!dir.exists) found = "does not exist";
    parts.push_back(fmt::format("{} ({})", dir.dir.path.string(), found));
  }
  return fmt::format("{}", fmt::join(parts, ", "));
}

std::string_view how_to_get_a_model() {
  return "Get one with shimmy pull (a small one: shimmy pull qwen3:0.6b), name a directory with "
         "--model-dir, or give the path of a .gguf file.";
}

}  // namespace shimmy::models
