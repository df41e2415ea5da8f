#include "kernels/placements.h"

#include <utility>

namespace shimmy::kernels {

bool PlacementRecord::add(std::string_view tensor, std::string_view type, std::string_view reason) {
  // Models of a process that never asks must not fill its memory.
  constexpr std::size_t kMost = 65536;
  const std::scoped_lock lock(mutex_);
  // The loader asks about one tensor several times in a row, if at all.
  if (!placements_.empty() && placements_.back().tensor == tensor &&
      placements_.back().type == type && placements_.back().reason == reason) {
    return false;
  }
  if (placements_.size() >= kMost) return false;
  placements_.push_back({std::string(tensor), std::string(type), std::string(reason)});
  return true;
}

std::vector<Placement> PlacementRecord::take() {
  const std::scoped_lock lock(mutex_);
  return std::exchange(placements_, {});
}

}  // namespace shimmy::kernels
