#include "scheduler/step_cost.h"

#include <algorithm>

namespace shimmy::scheduler {
namespace {

constexpr double kWeight = 0.5;          // of the newest step: depth changes the cost quickly
constexpr double kLeastPromptMs = 0.01;  // a step may come out shorter than its decode part alone
constexpr std::size_t kLeastRows = 32;   // below, the fixed cost of a step dominates
constexpr std::size_t kFirstRows = 64;   // before anything was measured

void average(double& value, double sample) {
  value = value == 0 ? sample : value + kWeight * (sample - value);
}

}  // namespace

void StepCost::observe(double step_ms, std::size_t decode_rows, std::size_t prompt_rows) {
  if (prompt_rows == 0) {
    if (decode_rows > 0) average(decode_ms_, step_ms);
    return;
  }
  const double prompt_part = step_ms - (decode_rows > 0 ? decode_ms_ : 0);
  average(prompt_ms_, std::max(kLeastPromptMs, prompt_part / static_cast<double>(prompt_rows)));
}

std::size_t StepCost::prompt_rows(std::size_t decode_rows, std::size_t max_rows,
                                  std::size_t others) const {
  if (decode_rows >= max_rows) return 0;
  const std::size_t most = max_rows - decode_rows;
  if (decode_rows == 0 && others == 0) return most;
  if (prompt_ms_ == 0) return std::min(kFirstRows, most);
  const double target = target_ms_ / static_cast<double>(others + 1);
  const double decode_ms = decode_rows > 0 ? decode_ms_ : 0;
  const double rows = std::max(0.0, target - decode_ms) / prompt_ms_;
  return std::min(std::max(kLeastRows, static_cast<std::size_t>(std::min(rows, 1e6))), most);
}

}  // namespace shimmy::scheduler
