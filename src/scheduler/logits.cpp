#include "scheduler/logits.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

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

bool ranks_before(const ScoredToken& a, const ScoredToken& b) {
  return a.value > b.value || (a.value == b.value && a.token < b.token);
}

}  // namespace

generation::Token argmax(std::span<const float> logits) {
  const float highest = maximum(logits);
  if (highest == kLowest) return -1;
  return static_cast<generation::Token>(std::ranges::find(logits, highest) - logits.begin());
}

std::vector<ScoredToken> top_k(std::span<const float> logits, std::size_t count) {
  std::vector<ScoredToken> best;  // a heap with the worst of the chosen in front
  best.reserve(count);
  float threshold = kLowest;
  for (std::size_t i = 0; i < logits.size() && count > 0; ++i) {
    if (!(logits[i] > threshold)) continue;
    if (best.size() == count) {
      std::ranges::pop_heap(best, ranks_before);
      best.pop_back();
    }
    best.push_back({static_cast<generation::Token>(i), logits[i]});
    std::ranges::push_heap(best, ranks_before);
    if (best.size() == count) threshold = best.front().value;
  }
  std::ranges::sort(best, ranks_before);
  return best;
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
