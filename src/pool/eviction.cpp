#include "pool/eviction.h"

#include <algorithm>
#include <tuple>
#include <utility>

namespace shimmy::pool {

std::optional<std::vector<std::size_t>> choose_victims(std::vector<EvictionCandidate> candidates,
                                                       std::uint64_t missing) {
  std::ranges::stable_sort(candidates, [](const auto& a, const auto& b) {
    return std::tuple(!a.is_idle, a.last_used) < std::tuple(!b.is_idle, b.last_used);
  });
  std::uint64_t freed = 0;
  std::size_t count = 0;
  for (; count < candidates.size() && freed < missing; ++count) freed += candidates[count].bytes;
  if (freed < missing) return std::nullopt;
  // A large one at the end may have made smaller ones before it needless.
  std::vector<std::size_t> victims;
  for (std::size_t i = count; i-- > 0;) {
    if (freed - candidates[i].bytes >= missing) {
      freed -= candidates[i].bytes;
    } else {
      victims.push_back(candidates[i].id);
    }
  }
  return victims;
}

}  // namespace shimmy::pool
