// Which models make room for another one.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "base/clock.h"

namespace shimmy::pool {

struct EvictionCandidate {
  std::size_t id = 0;
  std::uint64_t bytes = 0;  // that it would give back
  base::Clock::time_point last_used;
  bool is_idle = true;
};

// The ids of those to let go, so that at least `missing` bytes come free: idle models before busy
// ones, and the one that was used longest ago first. Empty where all together are not enough.
std::optional<std::vector<std::size_t>> choose_victims(std::vector<EvictionCandidate> candidates,
                                                       std::uint64_t missing);

}  // namespace shimmy::pool
