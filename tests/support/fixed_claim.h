// A claim on a budget of which nobody else takes anything.
#pragma once

#include <atomic>
#include <cstdint>

#include "generation/memory_claim.h"

namespace shimmy::support {

class FixedClaim final : public generation::MemoryClaim {
 public:
  explicit FixedClaim(std::uint64_t total, std::uint64_t held = 0) : total_(total), held_(held) {}

  bool resize(std::uint64_t bytes) override {
    if (bytes > total_ && bytes > held_) return false;
    held_ = bytes;
    return true;
  }
  std::uint64_t bytes() const override { return held_; }
  std::uint64_t limit() const override { return total_; }

  void set_total(std::uint64_t total) { total_ = total; }

 private:
  std::atomic<std::uint64_t> total_;
  std::atomic<std::uint64_t> held_;
};

}  // namespace shimmy::support
