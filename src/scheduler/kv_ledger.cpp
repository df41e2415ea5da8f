#include "scheduler/kv_ledger.h"

#include <algorithm>
#include <functional>
#include <utility>

namespace shimmy::scheduler {

KvLedger::KvLedger(std::size_t max_sequences, std::size_t cells)
    : capacity_(cells), owned_(max_sequences, 0) {
  for (std::size_t i = max_sequences; i-- > 0;) free_ids_.push_back(static_cast<SequenceId>(i));
}

std::optional<SequenceId> KvLedger::acquire(std::size_t cells) {
  if (free_ids_.empty() || cells > available()) return std::nullopt;
  const SequenceId id = free_ids_.back();
  free_ids_.pop_back();
  owned_[static_cast<std::size_t>(id)] = cells;
  used_ += cells;
  return id;
}

bool KvLedger::grow(SequenceId sequence, std::size_t cells) {
  std::size_t& owned = owned_[static_cast<std::size_t>(sequence)];
  if (cells <= owned) return true;
  if (cells - owned > available()) return false;
  used_ += cells - owned;
  owned = cells;
  return true;
}

void KvLedger::release(SequenceId sequence) {
  used_ -= std::exchange(owned_[static_cast<std::size_t>(sequence)], 0);
  free_ids_.insert(std::ranges::lower_bound(free_ids_, sequence, std::greater{}), sequence);
}

}  // namespace shimmy::scheduler
