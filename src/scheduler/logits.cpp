#include "scheduler/logits.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <utility>

namespace shimmy::scheduler {
namespace {

constexpr float kLowest = -std::numeric_limits<float>::infinity();

// Independent lanes, so that the compiler can use vector registers: a plain loop keeps the order of
// comparisons.
float maximum(std::span<const float> logits) {
  constexpr std::size_t kLanes = 32;
  std::array<float, kLanes> best{};
  best.fill(kLowest);
  std::size_t i = 0;
  for (; i + kLanes <= logits.size(); i += kLanes) {
    for (std::size_t lane = 0; lane < kLanes; ++lane) {
      best[lane] = logits[i + lane] > best[lane] ? logits[i + lane] : best[lane];
    }
  }
  for (; i < logits.size(); ++i) best[0] = logits[i] > best[0] ? logits[i] : best[0];
  return *std::ranges::max_element(best);
}

constexpr std::size_t kWordBits = 32;

bool is_set(std::span<const std::uint32_t> bits, std::size_t index) {
  return index / kWordBits < bits.size() &&
         (bits[index / kWordBits] >> (index % kWordBits) & 1U) != 0;
}

// Words without a bit cost nothing; the others are handled like the lanes above.
float maximum(std::span<const float> logits, std::span<const std::uint32_t> allowed) {
  std::array<float, kWordBits> best{};
  best.fill(kLowest);
  const std::size_t whole = std::min(allowed.size(), logits.size() / kWordBits);
  for (std::size_t word = 0; word < whole; ++word) {
    const std::uint32_t bits = allowed[word];
    if (bits == 0) continue;
    const float* const values = &logits[word * kWordBits];
    for (std::size_t lane = 0; lane < kWordBits; ++lane) {
      const float value = (bits >> lane & 1U) != 0 ? values[lane] : kLowest;
      best[lane] = value > best[lane] ? value : best[lane];
    }
  }
  for (std::size_t i = whole * kWordBits; i < logits.size(); ++i) {
    if (is_set(allowed, i) && logits[i] > best[0]) best[0] = logits[i];
  }
  return *std::ranges::max_element(best);
}

bool ranks_before(const ScoredToken& a, const ScoredToken& b) {
  return a.value > b.value || (a.value == b.value && a.token < b.token);
}

// The `count` highest of what it is offered.
class Best {
 public:
  explicit Best(std::size_t count) : count_(count) { heap_.reserve(count); }

  void offer(std::size_t index, float value) {
    if (!(value > threshold_)) return;
    if (heap_.size() == count_) {
      std::ranges::pop_heap(heap_, ranks_before);
      heap_.pop_back();
    }
    heap_.push_back({static_cast<generation::Token>(index), value});
    std::ranges::push_heap(heap_, ranks_before);
    if (heap_.size() == count_) threshold_ = heap_.front().value;
  }

  // Best first.
  std::vector<ScoredToken> take() {
    std::ranges::sort(heap_, ranks_before);
    return std::move(heap_);
  }

 private:
  std::size_t count_;
  std::vector<ScoredToken> heap_;  // the worst of the chosen in front
  float threshold_ = kLowest;
};

}  // namespace

generation::Token argmax(std::span<const float> logits) {
  const float highest = maximum(logits);
  if (highest == kLowest) return -1;
  return static_cast<generation::Token>(std::ranges::find(logits, highest) - logits.begin());
}

generation::Token argmax(std::span<const float> logits, std::span<const std::uint32_t> allowed) {
  const float highest = maximum(logits, allowed);
  if (highest == kLowest) return -1;
  for (std::size_t i = 0; i < logits.size(); ++i) {
    if (logits[i] == highest && is_set(allowed, i)) return static_cast<generation::Token>(i);
  }
  return -1;
}

std::vector<ScoredToken> top_k(std::span<const float> logits, std::size_t count) {
  Best best(std::min(count, logits.size()));
  for (std::size_t i = 0; i < logits.size() && count > 0; ++i) best.offer(i, logits[i]);
  return best.take();
}

std::vector<ScoredToken> top_k(std::span<const float> logits, std::size_t count,
                               std::span<const std::uint32_t> allowed) {
  Best best(std::min(count, logits.size()));
  const std::size_t words = std::min(allowed.size(), (logits.size() + kWordBits - 1) / kWordBits);
  for (std::size_t word = 0; word < words && count > 0; ++word) {
    if (allowed[word] == 0) continue;
    const std::size_t end = std::min(logits.size(), (word + 1) * kWordBits);
    for (std::size_t i = word * kWordBits; i < end; ++i) {
      if (is_set(allowed, i)) best.offer(i, logits[i]);
    }
  }
  return best.take();
}

float log_sum_exp(std::span<const float> logits) {
  const float highest = maximum(logits);
  if (highest == kLowest) return kLowest;
  double sum = 0;
  for (const float logit : logits) {
    if (!std::isnan(logit)) sum += std::exp(logit - highest);
  }
  return highest + static_cast<float>(std::log(sum));
}

}  // namespace shimmy::scheduler
