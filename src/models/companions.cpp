#include "models/companions.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <map>
#include <string>
#include <string_view>
#include <tuple>

#include "base/letter_case.h"
#include "models/name_index.h"

namespace shimmy::models {
namespace {

// Whether all models of a group could be quantisations of one.
bool is_one_kind(const std::vector<const FileFacts*>& models) {
  const auto kind = [](const FileFacts* facts) {
    return std::tie(facts->architecture, facts->embedding_size, facts->base_name);
  };
  return std::ranges::all_of(
      models, [&](const FileFacts* facts) { return kind(facts) == kind(models.front()); });
}

// Letters and digits alone, in lower case: "Gemma-3 4B" is "gemma34b".
std::string plain(std::string_view name) {
  std::string result;
  for (const char c : base::lowered(name)) {
    if (std::isalnum(static_cast<unsigned char>(c)) != 0) result += c;
  }
  return result;
}

bool fits(const FileFacts& companion, const FileFacts& model, bool is_alone) {
  const std::string base = plain(companion.base_name);
  const bool is_named =
      !base.empty() && (base == plain(model.base_name) || base == plain(model.title));
  if (!is_named && !base.empty() && !model.base_name.empty()) return false;
  if (companion.kind == FileKind::Adapter) {
    return companion.architecture == model.architecture && (is_named || is_alone);
  }
  if (is_alone) return true;  // old projectors name their own size, not the model's
  return companion.embedding_size > 0 && companion.embedding_size == model.embedding_size;
}

// Less is better.
std::size_t preference(const FileFacts& projector) {
  constexpr std::array<std::string_view, 4> kOrder{"F16", "BF16", "Q8_0", "F32"};
  const auto* found = std::ranges::find(kOrder, projector.quantization);
  return static_cast<std::size_t>(found - kOrder.begin());
}

void tie(ModelEntry& entry, const FileFacts& model, const std::vector<const Grouped*>& companions,
         bool is_alone) {
  const Grouped* projector = nullptr;
  const bool has_adapters = !entry.adapters.empty();
  for (const Grouped* companion : companions) {
    if (!fits(companion->facts, model, is_alone)) continue;
    if (companion->facts.kind == FileKind::Adapter) {
      if (!has_adapters) entry.adapters.push_back(companion->path);
    } else if (projector == nullptr ||
               preference(companion->facts) < preference(projector->facts)) {
      projector = companion;
    }
  }
  if (projector != nullptr && entry.projector.empty()) entry.projector = projector->path;
  entry.capabilities.vision = !entry.projector.empty();
}

}  // namespace

void tie_companions(std::span<ModelEntry> entries, std::span<const Grouped> models,
                    std::span<const Grouped> companions) {
  struct Group {
    std::vector<const FileFacts*> models;
    std::vector<const Grouped*> companions;
    bool is_one_kind = true;
  };
  std::map<std::filesystem::path, Group> groups;
  for (const Grouped& model : models) groups[model.group].models.push_back(&model.facts);
  for (const Grouped& companion : companions) {
    groups[companion.group].companions.push_back(&companion);
  }
  for (auto& [path, group] : groups) {
    std::ranges::sort(group.companions, {}, [](const Grouped* file) { return file->path; });
    group.is_one_kind = is_one_kind(group.models);
  }
  for (std::size_t i = 0; i < entries.size(); ++i) {
    const Group& group = groups[models[i].group];
    tie(entries[i], models[i].facts, group.companions, group.is_one_kind);
  }
}

}  // namespace shimmy::models
