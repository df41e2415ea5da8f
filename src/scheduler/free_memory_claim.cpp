#include "scheduler/free_memory_claim.h"

#include <utility>

namespace shimmy::scheduler {

FreeMemoryClaim::FreeMemoryClaim(std::uint64_t held, Ask ask) : held_(held), ask_(std::move(ask)) {}

// A tenth of what is free stays so: others on the machine grow, too.
std::uint64_t FreeMemoryClaim::spare() const { return ask_().available_bytes / 10 * 9; }

bool FreeMemoryClaim::resize(std::uint64_t bytes) {
  return held_.with([&](std::uint64_t& held) {
    if (bytes > held && bytes - held > spare()) return false;
    held = bytes;
    return true;
  });
}

std::uint64_t FreeMemoryClaim::limit() const { return bytes() + spare(); }

}  // namespace shimmy::scheduler
