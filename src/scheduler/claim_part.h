// One claim on memory for two users, who know nothing of each other.
#pragma once

#include <cstdint>
#include <memory>

#include "generation/memory_claim.h"

namespace shimmy::scheduler {

struct ClaimParts {
  std::shared_ptr<generation::MemoryClaim> first;
  std::shared_ptr<generation::MemoryClaim> second;
};

// The first part holds what `whole` does, but for the `second_bytes` of the second, at most as much
// as there is. A part that ends gives its bytes back; `whole` ends with the last. Nobody else may
// resize it. Any thread.
ClaimParts split(std::shared_ptr<generation::MemoryClaim> whole, std::uint64_t second_bytes);

}  // namespace shimmy::scheduler
