#include "kernels/attention_plan.h"

#include <algorithm>
#include <bit>

namespace shimmy::kernels {
namespace {

// So many queries together are worth unpacking keys for.
constexpr std::size_t kShortestRun = 8;

std::size_t words_for(const AttentionShape& shape) { return (shape.keys() + 63) / 64; }

std::size_t queries_of(const AttentionShape& shape) { return shape.queries() * shape.streams(); }

}  // namespace

AttentionPlan::AttentionPlan(const AttentionShape& shape, const AttentionKernels& kernels,
                             std::uint8_t* memory)
    : shape_(shape),
      kernels_(kernels),
      words_of_query_(words_for(shape)),
      words_(reinterpret_cast<std::uint64_t*>(memory)),
      facts_(reinterpret_cast<Facts*>(words_ + queries_of(shape) * words_of_query_)) {}

std::size_t AttentionPlan::bytes(const AttentionShape& shape) {
  return queries_of(shape) * (words_for(shape) * sizeof(std::uint64_t) + sizeof(Facts));
}

void AttentionPlan::look(std::size_t first, std::size_t last) {
  for (std::size_t query = first; query < last; ++query) {
    std::uint64_t* const words = words_ + query * words_of_query_;
    Facts& facts = facts_[query];
    look_at(query, words, facts);
    if (query % shape_.queries() == 0) continue;
    // The one before may be another thread's: what it sees is compared as it lies in its mask.
    const std::size_t before = query - 1;
    const std::size_t common = kernels_.count_common(
        shape_.mask(before % shape_.queries(), before / shape_.queries()), words, shape_.keys());
    facts.joins = 2 * common >= facts.seen;
  }
}

void AttentionPlan::look_at(std::size_t query, std::uint64_t* words, Facts& facts) const {
  const Sight sight = kernels_.read_mask(
      shape_.mask(query % shape_.queries(), query / shape_.queries()), shape_.keys(), words);
  facts = {.seen = sight.seen, .has_weights = sight.has_weights, .joins = false};
}

std::size_t AttentionPlan::run_length(std::size_t first) const {
  const std::size_t end = (first / shape_.queries() + 1) * shape_.queries();
  std::size_t last = first + 1;
  while (last < end && facts_[last].joins) ++last;
  return last - first;
}

std::span<const QueryRun> AttentionPlan::runs(std::size_t most, QueryRun* runs) const {
  std::size_t count = 0;
  for (std::size_t query = 0; query < queries();) {
    std::size_t length = run_length(query);
    const std::size_t step = length < kShortestRun ? 1 : most;
    for (; length > 0;) {
      const std::size_t now = std::min(step, length);
      runs[count++] = {static_cast<std::uint32_t>(query / shape_.queries()),
                       static_cast<std::uint32_t>(query % shape_.queries()),
                       static_cast<std::uint32_t>(now)};
      query += now;
      length -= now;
    }
  }
  return {runs, count};
}

std::size_t list_bits(const std::uint64_t* words, std::size_t count, std::uint32_t* indices) {
  std::size_t listed = 0;
  for (std::size_t word = 0; word < count; ++word) {
    for (std::uint64_t rest = words[word]; rest != 0; rest &= rest - 1) {
      indices[listed++] = static_cast<std::uint32_t>(64 * word) +
                          static_cast<std::uint32_t>(std::countr_zero(rest));
    }
  }
  return listed;
}

}  // namespace shimmy::kernels
