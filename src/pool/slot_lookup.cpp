#include "pool/slot_lookup.h"

#include <filesystem>

namespace shimmy::pool {
namespace {

bool is_out(const PoolSlot& slot) {
  return slot.state == ModelState::Unloaded || slot.state == ModelState::Failed;
}

// One more model on an engine that is there or comes: what it says of leaving memory counts, too.
void take_part(const models::ModelEntry& entry, PoolSlot& slot) {
  if (is_out(slot) || !slot.names.insert(entry.name).second) return;
  const models::LoadOptions& own = entry.defaults.load;
  if (own.pinned.value_or(false)) slot.pinned = true;
  if (own.keep_alive && !slot.is_keep_alive_asked) slot.keep_alive = *own.keep_alive;
}

}  // namespace

std::string weights_of(const models::ModelEntry& entry) {
  std::string key = entry.path.string();
  if (!entry.applies_adapters) return key;
  for (const std::filesystem::path& adapter : entry.adapters) key += '\n' + adapter.string();
  return key;
}

models::LoadOptions for_engine(models::LoadOptions options) {
  options.pinned.reset();
  options.keep_alive.reset();
  return options;
}

std::shared_ptr<PoolSlot> known_slot(const PoolState& pool, const models::ModelEntry& entry) {
  const models::LoadOptions settings = for_engine(entry.defaults.load);
  std::shared_ptr<PoolSlot> fitting;
  const auto [first, last] = pool.slots.equal_range(weights_of(entry));
  for (auto known = first; known != last; ++known) {
    const std::shared_ptr<PoolSlot>& slot = known->second;
    // Its configuration may have changed since it was loaded.
    if (!is_out(*slot) && slot->names.contains(entry.name)) return slot;
    if (slot->settings == settings) fitting = slot;
  }
  return fitting;
}

std::shared_ptr<PoolSlot> slot_for(PoolState& pool, const models::ModelEntry& entry) {
  std::shared_ptr<PoolSlot> slot = known_slot(pool, entry);
  if (!slot) {
    slot = std::make_shared<PoolSlot>();
    slot->entry = entry;
    slot->settings = for_engine(entry.defaults.load);
    pool.slots.emplace(weights_of(entry), slot);
  }
  take_part(entry, *slot);
  return slot;
}

}  // namespace shimmy::pool
