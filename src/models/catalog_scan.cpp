#include "models/catalog_scan.h"

#include <fmt/core.h>
#include <sys/stat.h>

#include <algorithm>
#include <iterator>
#include <optional>
#include <span>
#include <system_error>

#include "base/escape.h"
#include "gguf/shard_name.h"
#include "gguf/text.h"
#include "models/origin_record.h"
#include "models/stores/hub_names.h"
#include "models/stores/walked_store.h"

namespace shimmy::models {
namespace {

namespace fs = std::filesystem;

// For telling models of one name apart; a directory's own name does that where there is no store.
std::string qualifier_of(const ModelDir& dir) {
  if (dir.store == nullptr) return {};
  std::string qualifier(dir.store->name);
  std::ranges::replace(qualifier, ' ', '-');
  return qualifier;
}

void replace_all(std::string& text, const std::string& old_part, std::string_view new_part) {
  for (std::size_t at = 0; (at = text.find(old_part, at)) != std::string::npos;) {
    text.replace(at, old_part.size(), new_part);
    at += new_part.size();
  }
}

std::string without_directory(std::string reason, const fs::path& directory) {
  for (const std::string& written :
       {directory.string(), base::escape_control(directory.native())}) {
    if (written.empty()) continue;
    replace_all(reason, written.ends_with('/') ? written : written + "/", "");
    replace_all(reason, written, "its directory");
  }
  return reason;
}

// "phi-4-Q4_K_M" is also phi-4 and phi-4:Q4_K_M.
void add_short_forms(const std::string& stem, std::vector<std::string>& aliases) {
  const std::string_view tag = stores::quantization_tag(stem);
  const std::string_view shorter = stores::without_quantization(stem);
  if (tag.empty() || shorter == stem) return;
  aliases.emplace_back(shorter);
  aliases.push_back(fmt::format("{}:{}", shorter, tag));
}

}  // namespace

CatalogScan::CatalogScan(const ScanOptions& options, const FactsReader& read)
    : options_(options), read_(options.cache != nullptr ? options.cache->reader(read) : read) {}

SearchedDir CatalogScan::search(const ModelDir& dir) {
  SearchedDir searched;
  searched.dir = dir;
  std::error_code error;
  // What a system's service keeps may be closed to its users.
  searched.exists = fs::exists(dir.path, error) || error == std::errc::permission_denied;
  stores::StoreContents contents =
      dir.store != nullptr ? dir.store->find(dir.path) : stores::walk_store(dir.path);
  searched.problems = std::move(contents.problems);
  if (error == std::errc::permission_denied && searched.problems.empty()) {
    searched.problems.push_back(
        fmt::format("Cannot read the directory {}: {}.", dir.path.string(), error.message()));
  }
  const std::size_t known_broken = result_.broken.size();
  for (stores::FoundFile& file : contents.files) {
    if (dir.store == nullptr) add_origin(file);
    add(std::move(file), searched);
  }
  std::ranges::move(contents.broken, std::back_inserter(result_.broken));
  for (BrokenModel& broken : std::span(result_.broken).subspan(known_broken)) {
    broken.source = dir.source;
    broken.public_reason = without_directory(broken.reason, dir.path);
    ++searched.broken;
  }
  return searched;
}

void CatalogScan::add(stores::FoundFile file, SearchedDir& searched) {
  const auto shard = gguf::parse_shard_name(file.path.stem().string());
  if (shard && !shards_.insert(file.path.parent_path() / shard->base).second) return;
  struct stat status{};
  // What cannot be looked at counts as new: its reason is then reported.
  const bool exists = stat(file.path.c_str(), &status) == 0;
  const FileId id{status.st_dev, status.st_ino};
  if (exists && others_seen_.contains(id)) return;

  std::vector<fs::path> files{file.path};
  files.insert(files.end(), file.more_files.begin(), file.more_files.end());
  auto described = describe(files, read_);
  if (!described) {
    if (exists) others_seen_.insert(id);
    result_.broken.push_back(
        {gguf::valid_utf8(file.name), file.path, {}, std::move(described.error().message), {}});
  } else if (described->facts.kind != FileKind::Model) {
    others_seen_.insert(id);
    companions_.push_back({file.path, file.group, std::move(described->facts)});
  } else {
    add_model(std::move(file), std::move(*described), exists ? std::optional(id) : std::nullopt,
              searched);
  }
}

void CatalogScan::add_model(stores::FoundFile file, Described described,
                            const std::optional<FileId>& id, SearchedDir& searched) {
  ModelEntry& entry = described.entry;
  const std::string stem = std::move(entry.name);
  entry.name = gguf::valid_utf8(file.name);
  if (file.name_lacks_quantization) {
    file.aliases.push_back(entry.name + stem);
    entry.name += entry.quantization.empty() ? stem : entry.quantization;
  }
  if (described.facts.has_chat_template || described.facts.capabilities.embeddings ||
      described.facts.capabilities.rerank) {
    file.family.clear();
  }
  entry.defaults = file.defaults;
  if (entry.defaults.chat_template.empty()) entry.defaults.chat_template = file.family;
  if (!entry.defaults.chat_template.empty()) entry.capabilities.chat = true;
  entry.source = searched.dir.source;
  take_companions(file, entry, searched);
  for (const std::string& alias : file.aliases) entry.aliases.push_back(gguf::valid_utf8(alias));
  if (searched.dir.store == nullptr || file.path.extension() == ".gguf") {
    add_short_forms(stem, entry.aliases);
  }

  if (id && fold(*id, entry)) return;
  if (id) models_seen_.emplace(*id, result_.entries.size());
  const bool is_new = options_.cache != nullptr && !options_.cache->knew(entry.path);
  ++searched.models;
  if (is_new) ++searched.new_models;
  models_.push_back({entry.path, file.group, std::move(described.facts)});
  result_.is_new.push_back(is_new);
  result_.qualifiers.push_back(qualifier_of(searched.dir));
  result_.entries.push_back(std::move(entry));
}

// One more name of a model that is already there. The same weights under other defaults, or with
// another adapter, are another model.
bool CatalogScan::fold(const FileId& id, const ModelEntry& entry) {
  const auto [first, last] = models_seen_.equal_range(id);
  for (auto seen = first; seen != last; ++seen) {
    ModelEntry& known = result_.entries[seen->second];
    const bool is_same = entry.defaults == known.defaults && entry.projector == known.projector &&
                         entry.adapters == known.adapters;
    if (!is_same) continue;
    known.aliases.push_back(entry.name);
    std::ranges::copy(entry.aliases, std::back_inserter(known.aliases));
    return true;
  }
  return false;
}

bool CatalogScan::is_companion(const fs::path& file, FileKind kind, SearchedDir& searched) {
  const auto facts = read_(file);
  if (facts && facts->kind == kind) {
    struct stat status{};
    if (stat(file.c_str(), &status) == 0) others_seen_.emplace(status.st_dev, status.st_ino);
    return true;
  }
  searched.problems.push_back(facts ? fmt::format("{} is {}, and was left out.",
                                                  base::escape_control(file.native()),
                                                  facts->kind_word)
                                    : facts.error().message);
  return false;
}

void CatalogScan::take_companions(stores::FoundFile& file, ModelEntry& entry,
                                  SearchedDir& searched) {
  if (!file.projector.empty() && is_companion(file.projector, FileKind::Projector, searched)) {
    entry.projector = file.projector;
  }
  for (fs::path& adapter : file.adapters) {
    if (is_companion(adapter, FileKind::Adapter, searched)) {
      entry.adapters.push_back(std::move(adapter));
      entry.applies_adapters = true;
    }
  }
}

ScanFindings CatalogScan::take() {
  tie_companions(result_.entries, models_, companions_);
  return std::move(result_);
}

}  // namespace shimmy::models
