// Passes over one row of logits.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "generation/request.h"

namespace shimmy::scheduler {

struct ScoredToken {
  generation::Token token = 0;
  float value = 0;
};

// The token with the highest logit; of equals the lowest id. -1 when no logit is a number above
// -infinity.
generation::Token argmax(std::span<const float> logits);

// The same of the tokens whose bit is set: bit i % 32 of word i / 32. Tokens beyond the last word
// are left out.
generation::Token argmax(std::span<const float> logits, std::span<const std::uint32_t> allowed);

// The `count` highest, best first; of equals the lower id first. NaN is never chosen.
std::vector<ScoredToken> top_k(std::span<const float> logits, std::size_t count);

// The same of the tokens whose bit is set.
std::vector<ScoredToken> top_k(std::span<const float> logits, std::size_t count,
                               std::span<const std::uint32_t> allowed);

// log(sum(exp(logits))): what turns a logit into a log probability.
float log_sum_exp(std::span<const float> logits);

}  // namespace shimmy::scheduler
