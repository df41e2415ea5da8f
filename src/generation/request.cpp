#include "generation/request.h"

#include <cmath>
#include <limits>
#include <string_view>

namespace shimmy::generation {
namespace {

using base::fail_field;
using base::Result;

Result<void> within(std::string_view field, double value, double low, double high) {
  if (value >= low && value <= high) return {};  // false for NaN too
  if (std::isinf(high))
    return fail_field(std::string(field), "{} must be at least {}, but is {}.", field, low, value);
  return fail_field(std::string(field), "{} must be between {} and {}, but is {}.", field, low,
                    high, value);
}

struct Range {
  std::string_view field;
  double value;
  double low;
  double high;
};

Result<void> validate(const Sampling& sampling) {
  constexpr double unbounded = std::numeric_limits<double>::infinity();
  const Range ranges[] = {
      {"temperature", sampling.temperature, 0, 100},
      {"top_p", sampling.top_p, 0, 1},
      {"top_k", static_cast<double>(sampling.top_k), 0, unbounded},
      {"min_p", sampling.min_p, 0, 1},
      {"typical_p", sampling.typical_p, 0, 1},
      {"repeat_penalty", sampling.repeat_penalty, 0.01, 100},
      {"frequency_penalty", sampling.frequency_penalty, -100, 100},
      {"presence_penalty", sampling.presence_penalty, -100, 100},
      {"penalty_last_n", static_cast<double>(sampling.penalty_last_n), -1, unbounded},
      {"dry_multiplier", sampling.dry_multiplier, 0, 100},
      {"dry_base", sampling.dry_base, 1, 100},
      {"dry_allowed_length", static_cast<double>(sampling.dry_allowed_length), 0, unbounded},
      {"dry_last_n", static_cast<double>(sampling.dry_last_n), -1, unbounded},
      {"xtc_probability", sampling.xtc_probability, 0, 1},
      {"xtc_threshold", sampling.xtc_threshold, 0, 1},
      {"mirostat", static_cast<double>(sampling.mirostat), 0, 2},
      {"mirostat_tau", sampling.mirostat_tau, 0, 100},
      {"mirostat_eta", sampling.mirostat_eta, 0, 1},
  };
  for (const Range& range : ranges) {
    if (Result<void> ok = within(range.field, range.value, range.low, range.high); !ok) return ok;
  }
  for (const auto& [token, bias] : sampling.logit_bias) {
    if (token < 0 || std::isnan(bias))
      return fail_field("logit_bias", "logit_bias has no token {} with bias {}.", token, bias);
  }
  return {};
}

}  // namespace

Result<void> validate(const Request& request) {
  if (request.prompt.empty())
    return fail_field("prompt", "The prompt is empty: it must have at least one token.");
  if (request.max_tokens == 0 || request.max_tokens < -1) {
    return fail_field("max_tokens", "max_tokens must be at least 1, or -1 for no limit, but is {}.",
                      request.max_tokens);
  }
  if (request.logprobs) {
    if (Result<void> ok = within("logprobs", *request.logprobs, 0, kMaxLogprobs); !ok) return ok;
  }
  return validate(request.sampling);
}

}  // namespace shimmy::generation
