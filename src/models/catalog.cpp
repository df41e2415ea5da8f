#include "models/catalog.h"

#include <fmt/core.h>
#include <fmt/ranges.h>
#include <sys/stat.h>

#include <algorithm>
#include <cctype>
#include <set>
#include <system_error>
#include <utility>

#include "base/near_names.h"
#include "models/describe.h"
#include "models/file_walk.h"
#include "models/shard_name.h"
#include "models/unique_names.h"

namespace shimmy::models {
namespace {

namespace fs = std::filesystem;
using base::Error;
using base::ErrorCode;
using base::Result;

bool same_letters(std::string_view a, std::string_view b) {
  return std::ranges::equal(
      a, b, [](unsigned char x, unsigned char y) { return std::tolower(x) == std::tolower(y); });
}

// One scan: every file once, whichever of its names or shards leads to it.
class Scan {
 public:
  explicit Scan(const FactsReader& read) : read_(read) {}

  SearchedDir search(const ModelDir& dir) {
    SearchedDir searched{dir, false, 0, 0, {}};
    std::error_code error;
    searched.exists = fs::exists(dir.path, error);
    Walk walk = find_model_files(dir.path);
    searched.problems = std::move(walk.problems);
    for (const fs::path& file : walk.files) add(file, searched);
    return searched;
  }

  std::vector<ModelEntry> entries;
  std::vector<BrokenModel> broken;

 private:
  bool is_new(const fs::path& file) {
    const auto shard = parse_shard_name(file.stem().string());
    if (shard && !shards_.insert(file.parent_path() / shard->base).second) return false;
    struct stat status{};
    // What cannot be looked at counts as new: its reason is then reported.
    return stat(file.c_str(), &status) != 0 || files_.emplace(status.st_dev, status.st_ino).second;
  }

  void add(const fs::path& file, SearchedDir& searched) {
    if (!is_new(file)) return;
    auto described = describe(file, read_);
    if (!described) {
      const auto shard = parse_shard_name(file.stem().string());
      broken.push_back({shard ? shard->base : file.stem().string(), file, searched.dir.source,
                        std::move(described.error().message)});
      ++searched.broken;
    } else if (described->facts.kind == FileKind::Model) {
      described->entry.source = searched.dir.source;
      entries.push_back(std::move(described->entry));
      ++searched.models;
    }
  }

  const FactsReader& read_;
  std::set<fs::path> shards_;
  std::set<std::pair<dev_t, ino_t>> files_;
};

Error ambiguous(std::string_view name, const std::vector<std::string>& candidates) {
  return {ErrorCode::InvalidRequest,
          fmt::format("Several models are named \"{}\". Use one of: {}.", name,
                      fmt::join(candidates, ", ")),
          {},
          "model"};
}

}  // namespace

Catalog Catalog::scan(std::span<const ModelDir> dirs, const FactsReader& read) {
  Catalog catalog;
  Scan scan(read);
  for (const ModelDir& dir : dirs) catalog.dirs_.push_back(scan.search(dir));
  catalog.entries_ = std::move(scan.entries);
  catalog.broken_ = std::move(scan.broken);
  catalog.name_entries();
  return catalog;
}

void Catalog::name_entries() {
  std::vector<NamedFile> files;
  files.reserve(entries_.size());
  for (const ModelEntry& entry : entries_) {
    // Absolute, so that the same name comes out whatever the working directory is called from.
    files.push_back({entry.name, fs::absolute(entry.path).lexically_normal()});
  }
  const std::vector<std::string> names = unique_names(files);
  for (std::size_t i = 0; i < entries_.size(); ++i) entries_[i].name = names[i];

  std::vector<std::size_t> order(entries_.size());
  for (std::size_t i = 0; i < order.size(); ++i) order[i] = i;
  std::ranges::sort(order, {}, [&](std::size_t i) { return names[i]; });
  std::vector<ModelEntry> sorted;
  for (const std::size_t i : order) {
    sorted.push_back(std::move(entries_[i]));
    short_names_.push_back(std::move(files[i].short_name));
  }
  entries_ = std::move(sorted);
}

Result<ModelEntry> Catalog::find(std::string_view name) const {
  const auto exact = std::ranges::find(entries_, name, &ModelEntry::name);
  if (exact != entries_.end()) return *exact;

  std::vector<const ModelEntry*> found;
  std::vector<std::string> candidates;
  for (std::size_t i = 0; i < entries_.size(); ++i) {
    if (!same_letters(entries_[i].name, name) && !same_letters(short_names_[i], name)) continue;
    found.push_back(&entries_[i]);
    candidates.push_back(entries_[i].name);
  }
  if (found.size() == 1) return *found.front();
  if (found.size() > 1) return std::unexpected(ambiguous(name, candidates));

  const auto broken = std::ranges::find_if(
      broken_, [&](const BrokenModel& model) { return same_letters(model.name, name); });
  if (broken != broken_.end()) {
    return base::fail(ErrorCode::ModelLoadFailed, "The model \"{}\" cannot be used. {}",
                      broken->name, broken->reason);
  }
  return std::unexpected(not_found(name));
}

Result<ModelEntry> Catalog::resolve(std::string_view name_or_path, const FactsReader& read) const {
  auto found = find(name_or_path);
  if (found || found.error().code != ErrorCode::ModelNotFound) return found;

  const fs::path path(name_or_path);
  const bool is_path = name_or_path.find('/') != std::string_view::npos;
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
  return "Run scripts/fetch-model (or make model) for a small one, name a directory with "
         "--model-dir, or give the path of a .gguf file.";
}

}  // namespace shimmy::models
