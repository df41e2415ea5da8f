#include "pool/memory_budget.h"

#include <algorithm>
#include <mutex>
#include <utility>

namespace shimmy::pool {

struct MemoryBudget::Account {
  explicit Account(std::uint64_t total) : total_bytes(total) {}

  // With `mutex` held.
  std::uint64_t free_bytes() const { return total_bytes - std::min(total_bytes, used_bytes); }

  void released() const {
    const auto tell = [this] {
      const std::lock_guard lock(mutex);
      return on_release;
    }();
    if (tell) tell();
  }

  mutable std::mutex mutex;
  // guarded by mutex
  std::uint64_t total_bytes;
  std::uint64_t used_bytes = 0;
  Room room;
  std::function<void()> on_release;
};

MemoryBudget::MemoryBudget(std::uint64_t total_bytes)
    : account_(std::make_shared<Account>(total_bytes)) {}

std::shared_ptr<BudgetClaim> MemoryBudget::try_claim(std::uint64_t bytes) {
  const std::lock_guard lock(account_->mutex);
  if (bytes > account_->free_bytes()) return nullptr;
  account_->used_bytes += bytes;
  return std::shared_ptr<BudgetClaim>(new BudgetClaim(account_, bytes));
}

void MemoryBudget::set_total(std::uint64_t bytes) {
  {
    const std::lock_guard lock(account_->mutex);
    account_->total_bytes = bytes;
  }
  account_->released();
}

std::uint64_t MemoryBudget::total_bytes() const {
  const std::lock_guard lock(account_->mutex);
  return account_->total_bytes;
}

std::uint64_t MemoryBudget::used_bytes() const {
  const std::lock_guard lock(account_->mutex);
  return account_->used_bytes;
}

std::uint64_t MemoryBudget::free_bytes() const {
  const std::lock_guard lock(account_->mutex);
  return account_->free_bytes();
}

void MemoryBudget::set_room(Room room) {
  const std::lock_guard lock(account_->mutex);
  account_->room = std::move(room);
}

void MemoryBudget::set_on_release(std::function<void()> on_release) {
  const std::lock_guard lock(account_->mutex);
  account_->on_release = std::move(on_release);
}

BudgetClaim::BudgetClaim(std::shared_ptr<MemoryBudget::Account> account, std::uint64_t bytes)
    : account_(std::move(account)), bytes_(bytes) {}

BudgetClaim::~BudgetClaim() {
  {
    const std::lock_guard lock(account_->mutex);
    account_->used_bytes -= bytes_;
  }
  account_->released();
}

bool BudgetClaim::resize(std::uint64_t bytes) {
  ++growing_;
  bool shrank = false;
  const bool done = [&] {
    while (true) {
      std::uint64_t missing = 0;
      MemoryBudget::Room room;
      {
        const std::lock_guard lock(account_->mutex);
        const std::uint64_t more = bytes - std::min(bytes, bytes_);
        if (more <= account_->free_bytes()) {
          shrank = bytes < bytes_;
          account_->used_bytes += bytes - bytes_;  // wraps around, and back, where it shrinks
          bytes_ = bytes;
          return true;
        }
        missing = more - account_->free_bytes();
        room = account_->room;
      }
      if (!room.make || !room.make(missing, *this)) return false;
    }
  }();
  --growing_;
  if (shrank) account_->released();
  return done;
}

std::uint64_t BudgetClaim::bytes() const {
  const std::lock_guard lock(account_->mutex);
  return bytes_;
}

std::uint64_t BudgetClaim::limit() const {
  std::uint64_t limit = 0;
  MemoryBudget::Room room;
  {
    const std::lock_guard lock(account_->mutex);
    limit = bytes_ + account_->free_bytes();
    room = account_->room;
  }
  return room.idle_bytes ? limit + room.idle_bytes(*this) : limit;
}

std::uint64_t default_budget_bytes(const base::Memory& machine, std::uint64_t resident_bytes) {
  constexpr std::uint64_t least = 128ULL << 20U;
  constexpr std::uint64_t most = 2ULL << 30U;
  const std::uint64_t usable =
      std::min(machine.total_bytes, machine.available_bytes + resident_bytes);
  const std::uint64_t reserve = std::clamp(usable / 10, least, most);
  return usable - std::min(usable, reserve);
}

}  // namespace shimmy::pool
