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

LocalModels::LocalModels(Scan scan, pool::ModelPool& pool, const base::Clock& clock,
                         LiveRules rules)
    : scan_(std::move(scan)), pool_(pool), clock_(clock), rules_(std::move(rules)) {}

void LocalModels::add(ModelEntry entry) {
  default_ = entry.name;
  added_.push_back(std::move(entry));
}

LocalModels::Seen LocalModels::look() const {
  return {std::make_shared<const Catalog>(scan_()), clock_.now()};
}

std::shared_ptr<const Catalog> LocalModels::catalog() const {
  return seen_.with([this](Seen& seen) {
    if (!seen.catalog) seen = look();
    return seen.catalog;
  });
}

std::shared_ptr<const Catalog> LocalModels::fresh_catalog() {
  constexpr std::chrono::seconds rest{1};
  return seen_.with([&](Seen& seen) {
    const auto may_differ = [this] { return !changed_ || changed_().value_or(true); };
    if (!seen.catalog || (clock_.now() - seen.at >= rest && may_differ())) seen = look();
    return seen.catalog;
  });
}

LocalModels::Change LocalModels::rescan() {
  return seen_.with([&](Seen& seen) {
    if (!seen.catalog) seen = look();
    auto before = std::move(seen.catalog);
    seen = look();
    return Change{std::move(before), seen.catalog};
  });
}

Result<ModelEntry> LocalModels::find(std::string_view name) {
  const auto rules = rules_.current();
  auto found = find_named(rules->model_of(name));
  if (!found && name == kDefault) {
    std::vector<ModelEntry> all = list();
    if (!default_.empty()) found = find_named(default_);
    else if (all.size() == 1) found = std::move(all.front());
  }
  if (found) rules->apply_to(*found);
  else found.error().details.clear();  // clients need not know this machine's directories
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
    const ModelEntry& entry, const generation::ModelFacts& facts) {
  const std::string path = entry.path.string();
  const std::string& text = entry.defaults.chat_template;
  std::array<std::string, 4> source{text, facts.chat_template, facts.bos_text, facts.eos_text};
  const auto known = templates_.with([&](auto& templates) { return templates[path]; });
  if (known.chat_template && known.source == source) return known.chat_template;
  // Outside the lock: parsing takes milliseconds, and doing it twice does no harm.
  auto made = chat::ChatTemplate::create(facts, text);
  if (made) {
    templates_.with([&](auto& templates) { templates[path] = {std::move(source), *made}; });
  }
  return made;
}

Result<api::ServedModel> LocalModels::acquire(std::string_view name,
                                              const models::LoadOptions& options) {
  auto entry = find(name);
  if (!entry) return std::unexpected(std::move(entry).error());
  auto engine = pool_.acquire(*entry, options);
  if (!engine) return std::unexpected(std::move(engine).error());
  auto rendered = chat_template(*entry, (*engine)->facts());
  if (!rendered) return std::unexpected(std::move(rendered).error());
  const bool is_chat_model =
      !entry->defaults.chat_template.empty() || !(*engine)->facts().chat_template.empty();
  return api::ServedModel{
      .id = std::move(entry->name),
      .engine = std::move(*engine),
      .chat_template = std::move(*rendered),
      .is_chat_model = is_chat_model,
      .defaults = std::make_shared<const models::ModelDefaults>(std::move(entry->defaults))};
}

std::vector<ModelEntry> LocalModels::list() {
  std::vector<ModelEntry> result = fresh_catalog()->entries();
  for (const ModelEntry& entry : added_) {
    const bool known = std::ranges::any_of(
        result, [&](const ModelEntry& other) { return other.name == entry.name; });
    if (!known) result.push_back(entry);
  }
  const auto rules = rules_.current();
  for (ModelEntry& entry : result) rules->apply_to(entry);
  std::ranges::sort(result, {}, &ModelEntry::name);
  return result;
}

}  // namespace shimmy::app
