// A claim on the machine's free memory, for engines that are loaded without a budget.
#pragma once

#include <functional>

#include "base/guarded.h"
#include "base/machine.h"
#include "generation/memory_claim.h"

namespace shimmy::scheduler {

// Takes no part in any bookkeeping: it refuses what would leave the machine without free memory.
class FreeMemoryClaim final : public generation::MemoryClaim {
 public:
  using Ask = std::function<base::Memory()>;  // any thread

  // `held`: what is in memory already.
  explicit FreeMemoryClaim(std::uint64_t held, Ask ask = base::machine_memory);

  bool resize(std::uint64_t bytes) override;
  std::uint64_t bytes() const override { return held_.copy(); }
  std::uint64_t limit() const override;

 private:
  std::uint64_t spare() const;

  base::Guarded<std::uint64_t> held_;
  const Ask ask_;
};

}  // namespace shimmy::scheduler
