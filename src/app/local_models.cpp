#include "app/local_models.h"

#include <algorithm>
#include <chrono>
#include <utility>

namespace shimmy::app {

namespace {

constexpr std::string_view kDefault = "default";  // in requests, as the API's documents show it

}  // namespace

using base::Result;
using models::Catalog;
using models::ModelEntry;

LocalModels::LocalModels(Scan scan, models::ModelPool& pool, const base::Clock& clock,
                         std::string chat_template)
    : scan_(std::move(scan)),
      pool_(pool),
      clock_(clock),
      chat_template_(std::move(chat_template)),
      seen_(Seen{std::make_shared<const Catalog>(scan_()), clock.now()}) {}

void LocalModels::add(ModelEntry entry) {
  default_ = entry.name;
  added_.push_back(std::move(entry));
}

std::shared_ptr<const Catalog> LocalModels::catalog() const { return seen_.copy().catalog; }

std::shared_ptr<const Catalog> LocalModels::fresh_catalog() {
  constexpr std::chrono::seconds rest{1};
  return seen_.with([&](Seen& seen) {
    if (clock_.now() - seen.at >= rest) {
      seen = {std::make_shared<const Catalog>(scan_()), clock_.now()};
    }
    return seen.catalog;
  });
}

LocalModels::Change LocalModels::rescan() {
  return seen_.with([&](Seen& seen) {
    auto before = std::move(seen.catalog);
    seen = {std::make_shared<const Catalog>(scan_()), clock_.now()};
    return Change{std::move(before), seen.catalog};
  });
}

Result<ModelEntry> LocalModels::find(std::string_view name) {
  auto found = find_named(name);
  if (!found && name == kDefault) {
    if (!default_.empty()) return find_named(default_);
    std::vector<ModelEntry> all = list();
    if (all.size() == 1) return std::move(all.front());
  }
  if (!found) found.error().details.clear();  // clients need not know this machine's directories
  return found;
}

Result<ModelEntry> LocalModels::find_named(std::string_view name) {
  const auto added = std::ranges::find(added_, name, &ModelEntry::name);
  if (added != added_.end()) return *added;
  auto found = catalog()->find(name);
  if (found || found.error().code != base::ErrorCode::ModelNotFound) return found;
  return fresh_catalog()->find(name);
}

Result<std::shared_ptr<const chat::ChatTemplate>> LocalModels::chat_template(
    const std::string& path, const generation::ModelFacts& facts) {
  std::array<std::string, 3> source{facts.chat_template, facts.bos_text, facts.eos_text};
  const auto known = templates_.with([&](auto& templates) { return templates[path]; });
  if (known.chat_template && known.source == source) return known.chat_template;
  // Outside the lock: parsing takes milliseconds, and doing it twice does no harm.
  auto made = chat::ChatTemplate::create(facts, chat_template_);
  if (made) {
    templates_.with([&](auto& templates) { templates[path] = {std::move(source), *made}; });
  }
  return made;
}

Result<api::ServedModel> LocalModels::acquire(std::string_view name) {
  auto entry = find(name);
  if (!entry) return std::unexpected(std::move(entry).error());
  auto engine = pool_.acquire(*entry);
  if (!engine) return std::unexpected(std::move(engine).error());
  auto rendered = chat_template(entry->path.string(), (*engine)->facts());
  if (!rendered) return std::unexpected(std::move(rendered).error());
  const bool is_chat_model = !chat_template_.empty() || !(*engine)->facts().chat_template.empty();
  return api::ServedModel{.id = std::move(entry->name),
                          .engine = std::move(*engine),
                          .chat_template = std::move(*rendered),
                          .is_chat_model = is_chat_model};
}

std::vector<ModelEntry> LocalModels::list() {
  std::vector<ModelEntry> result = fresh_catalog()->entries();
  for (const ModelEntry& entry : added_) {
    const bool known = std::ranges::any_of(
        result, [&](const ModelEntry& other) { return other.name == entry.name; });
    if (!known) result.push_back(entry);
  }
  std::ranges::sort(result, {}, &ModelEntry::name);
  return result;
}

}  // namespace shimmy::app
