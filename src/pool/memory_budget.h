// What all loaded models together may take of the machine's memory.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>

#include "base/machine.h"
#include "generation/memory_claim.h"

namespace shimmy::pool {

class BudgetClaim;

// Weights that are mapped from a file count like those that are copied: a model whose pages the
// kernel has dropped is read from the disk again for each token. Any thread may call any member.
// Claims may outlive it.
class MemoryBudget {
 public:
  // Asked to let idle models go, for a claim that is to grow by `bytes`. Called without a lock.
  struct Room {
    std::function<bool(std::uint64_t bytes, const BudgetClaim& grower)> make;  // false: none left
    std::function<std::uint64_t(const BudgetClaim& grower)> idle_bytes;        // that could be had
  };

  explicit MemoryBudget(std::uint64_t total_bytes);

  // Null where `bytes` are not free.
  std::shared_ptr<BudgetClaim> try_claim(std::uint64_t bytes);

  // Less than what is used ends no claim: nothing is free until enough has gone.
  void set_total(std::uint64_t bytes);

  std::uint64_t total_bytes() const;
  std::uint64_t used_bytes() const;
  std::uint64_t free_bytes() const;

  void set_room(Room room);
  void set_on_release(std::function<void()> on_release);  // called when more may be free

 private:
  friend class BudgetClaim;
  struct Account;

  const std::shared_ptr<Account> account_;
};

class BudgetClaim final : public generation::MemoryClaim {
 public:
  ~BudgetClaim() override;
  BudgetClaim(const BudgetClaim&) = delete;
  BudgetClaim& operator=(const BudgetClaim&) = delete;

  bool resize(std::uint64_t bytes) override;
  std::uint64_t bytes() const override;
  std::uint64_t limit() const override;

  // Its engine waits in resize(): letting go of that engine now could wait for ever.
  bool is_growing() const { return growing_ > 0; }

 private:
  friend class MemoryBudget;
  BudgetClaim(std::shared_ptr<MemoryBudget::Account> account, std::uint64_t bytes);

  const std::shared_ptr<MemoryBudget::Account> account_;
  std::uint64_t bytes_;           // guarded by the account's mutex
  std::atomic<int> growing_ = 0;  // calls of resize()
};

// What models may take by default: what is free now and what this process has already, less a
// reserve of a tenth, of 128 MB at least and 2 GB at most. The reserve is for what no estimate of a
// model counts (vocabularies, connections, libllama's work space) and for the other programs, whose
// needs grow, too.
std::uint64_t default_budget_bytes(const base::Memory& machine, std::uint64_t resident_bytes);

}  // namespace shimmy::pool
