#include "scheduler/claim_part.h"

#include <algorithm>
#include <array>
#include <atomic>
#include <mutex>
#include <utility>

namespace shimmy::scheduler {
namespace {

struct Whole {
  const std::shared_ptr<generation::MemoryClaim> claim;
  std::mutex mutex;                                   // held while the claim is resized
  std::array<std::atomic<std::uint64_t>, 2> bytes{};  // written with the mutex held
};

class ClaimPart final : public generation::MemoryClaim {
 public:
  ClaimPart(std::shared_ptr<Whole> whole, std::size_t index)
      : whole_(std::move(whole)),
        own_(whole_->bytes.at(index)),
        other_(whole_->bytes.at(1 - index)) {}
  ClaimPart(const ClaimPart&) = delete;
  ClaimPart& operator=(const ClaimPart&) = delete;
  ~ClaimPart() override { set(0); }

  bool resize(std::uint64_t bytes) override { return set(bytes); }
  std::uint64_t bytes() const override { return own_; }
  std::uint64_t limit() const override {
    const std::uint64_t limit = whole_->claim->limit();
    return limit - std::min<std::uint64_t>(limit, other_);
  }

 private:
  bool set(std::uint64_t bytes) {
    const std::lock_guard lock(whole_->mutex);
    if (!whole_->claim->resize(bytes + other_)) return false;
    own_ = bytes;
    return true;
  }

  const std::shared_ptr<Whole> whole_;
  std::atomic<std::uint64_t>& own_;
  const std::atomic<std::uint64_t>& other_;
};

}  // namespace

ClaimParts split(std::shared_ptr<generation::MemoryClaim> whole, std::uint64_t second_bytes) {
  const std::uint64_t held = whole->bytes();
  auto shared = std::make_shared<Whole>(std::move(whole));
  shared->bytes[1] = std::min(held, second_bytes);
  shared->bytes[0] = held - shared->bytes[1];
  return {std::make_shared<ClaimPart>(shared, 0), std::make_shared<ClaimPart>(shared, 1)};
}

}  // namespace shimmy::scheduler
