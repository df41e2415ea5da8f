#include "base/near_names.h"

#include <algorithm>
#include <utility>

#include "base/letter_case.h"

namespace shimmy::base {
namespace {

// Edits between two words: insertions, deletions, substitutions and swaps of neighbours (optimal
// string alignment).
std::size_t edit_distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> before(b.size() + 1);
  std::vector<std::size_t> above(b.size() + 1);
  std::vector<std::size_t> row(b.size() + 1);
  for (std::size_t j = 0; j <= b.size(); ++j) row[j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    std::swap(before, above);
    std::swap(above, row);
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t substituted = above[j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1);
      row[j] = std::min({above[j] + 1, row[j - 1] + 1, substituted});
      const bool swapped = i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1];
      if (swapped) row[j] = std::min(row[j], before[j - 2] + 1);
    }
  }
  return row[b.size()];
}

constexpr std::size_t kLongest = 256;     // longer inputs are nobody's typing error
constexpr std::size_t kShortestPart = 3;  // shorter ones are part of nearly every name

struct Scored {
  std::pair<std::size_t, std::size_t> rank;  // edits needed, then letters left over
  std::string name;
};

}  // namespace

std::vector<std::string> near_names(std::string_view wanted, std::span<const std::string> names,
                                    std::size_t limit) {
  if (wanted.empty() || wanted.size() > kLongest) return {};
  const std::string goal = lowered(wanted);
  std::vector<Scored> scored;
  for (const std::string& candidate : names) {
    if (candidate.size() > kLongest) continue;
    const std::string text = lowered(candidate);
    const bool contains = goal.size() >= kShortestPart && text.find(goal) != std::string::npos;
    const std::size_t distance = contains ? 0 : edit_distance(goal, text);
    if (distance > goal.size() / 3) continue;
    scored.push_back(
        {{distance, text.size() > goal.size() ? text.size() - goal.size() : 0}, candidate});
  }
  std::ranges::stable_sort(scored, {}, &Scored::rank);
  std::vector<std::string> result;
  for (Scored& near : scored) {
    if (result.size() == limit) break;
    result.push_back(std::move(near.name));
  }
  return result;
}

}  // namespace shimmy::base
