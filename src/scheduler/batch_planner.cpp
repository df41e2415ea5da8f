#include "scheduler/batch_planner.h"

#include <algorithm>

namespace shimmy::scheduler {
namespace {

// The prompts whose turn it is, in turn, as many as get a chunk worth computing or all they need.
std::vector<std::size_t> prompts_in_turn(std::span<const PlannedSequence> sequences,
                                         const PlanLimits& limits, std::size_t budget) {
  std::vector<std::size_t> prompts;
  std::size_t promised = 0;
  for (std::size_t k = 0; k < sequences.size(); ++k) {
    const std::size_t i = (limits.first_prompt + k) % sequences.size();
    if (sequences[i].decoding || sequences[i].blocked) continue;
    promised += std::min(sequences[i].pending, kMinChunk);
    if (promised > budget && !prompts.empty()) break;
    prompts.push_back(i);
  }
  return prompts;
}

// Shares `budget` evenly; what a short prompt does not need goes to the others.
std::vector<std::size_t> even_shares(std::span<const PlannedSequence> sequences,
                                     std::span<const std::size_t> prompts, std::size_t budget) {
  std::vector<std::size_t> by_need(prompts.size());
  for (std::size_t i = 0; i < by_need.size(); ++i) by_need[i] = i;
  std::ranges::stable_sort(by_need, {},
                           [&](std::size_t i) { return sequences[prompts[i]].pending; });
  std::vector<std::size_t> shares(prompts.size());
  std::size_t left = prompts.size();
  for (const std::size_t i : by_need) {
    shares[i] = std::min(sequences[prompts[i]].pending, budget / left--);
    budget -= shares[i];
  }
  return shares;
}

}  // namespace

Plan plan_batch(std::span<const PlannedSequence> sequences, const PlanLimits& limits) {
  Plan plan;
  plan.next_prompt = limits.first_prompt;
  for (std::size_t i = 0; i < sequences.size() && plan.decode_rows < limits.max_rows; ++i) {
    if (!sequences[i].decoding || sequences[i].blocked) continue;
    plan.shares.push_back({i, 1});
    ++plan.decode_rows;
  }
  const std::size_t budget = std::min(limits.prompt_rows, limits.max_rows - plan.decode_rows);
  if (budget == 0) return plan;
  const std::vector<std::size_t> prompts = prompts_in_turn(sequences, limits, budget);
  const std::vector<std::size_t> shares = even_shares(sequences, prompts, budget);
  for (std::size_t i = 0; i < prompts.size(); ++i) {
    if (shares[i] == 0) continue;
    plan.shares.push_back({prompts[i], shares[i]});
    plan.prompt_rows += shares[i];
    plan.next_prompt = (prompts[i] + 1) % sequences.size();
  }
  return plan;
}

}  // namespace shimmy::scheduler
