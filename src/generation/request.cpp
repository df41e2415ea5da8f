#include "generation/request.h"

#include <initializer_list>
#include <limits>
#include <string>
#include <string_view>

namespace shimmy::generation {
namespace {

using base::fail_field;
using base::Result;

template <class Number>
struct Range {
  std::string_view field;
  Number value;
  Number low;
  Number high;
};

template <class Number>
Result<void> within(const Range<Number>& range) {
  if (range.value >= range.low && range.value <= range.high) return {};  // false for NaN too
  if (range.high == std::numeric_limits<Number>::max()) {
    return fail_field(std::string(range.field), "{} must be at least {}, but is {}.", range.field,
                      range.low, range.value);
  }
  return fail_field(std::string(range.field), "{} must be between {} and {}, but is {}.",
                    range.field, range.low, range.high, range.value);
}

template <class Number>
Result<void> all_within(std::initializer_list<Range<Number>> ranges) {
  for (const Range<Number>& range : ranges) {
    if (Result<void> ok = within(range); !ok) return ok;
  }
  return {};
}

Result<void> validate_fractions(const Sampling& sampling) {
  return all_within<float>({
      {"temperature", sampling.temperature, 0, 100},
      {"top_p", sampling.top_p, 0, 1},
      {"min_p", sampling.min_p, 0, 1},
      {"typical_p", sampling.typical_p, 0, 1},
      {"repeat_penalty", sampling.repeat_penalty, 0.01F, 100},
      {"frequency_penalty", sampling.frequency_penalty, -100, 100},
      {"presence_penalty", sampling.presence_penalty, -100, 100},
      {"dry_multiplier", sampling.dry_multiplier, 0, 100},
      {"dry_base", sampling.dry_base, 1, 100},
      {"xtc_probability", sampling.xtc_probability, 0, 1},
      {"xtc_threshold", sampling.xtc_threshold, 0, 1},
      {"mirostat_tau", sampling.mirostat_tau, 0, 100},
      {"mirostat_eta", sampling.mirostat_eta, 0, 1},
  });
}

Result<void> validate_counts(const Sampling& sampling) {
  constexpr std::int32_t unbounded = std::numeric_limits<std::int32_t>::max();
  return all_within<std::int32_t>({
      {"top_k", sampling.top_k, 0, unbounded},
      {"penalty_last_n", sampling.penalty_last_n, -1, unbounded},
      {"dry_allowed_length", sampling.dry_allowed_length, 0, unbounded},
      {"dry_last_n", sampling.dry_last_n, -1, unbounded},
      {"mirostat", sampling.mirostat, 0, 2},
  });
}

Result<void> validate_logit_bias(const Sampling& sampling) {
  for (const auto& [token, bias] : sampling.logit_bias) {
    if (token < 0) {
      return fail_field("logit_bias", "logit_bias names token {}, but token ids start at 0.",
                        token);
    }
    // Two tokens at +infinity would leave no distribution.
    if (!(bias <= std::numeric_limits<float>::max())) {
      return fail_field("logit_bias",
                        "The logit_bias of token {} must be a number or -infinity, but is {}.",
                        token, bias);
    }
  }
  return {};
}

}  // namespace

Result<void> validate(const Request& request) {
  if (request.prompt.empty())
    return fail_field("prompt", "The prompt is empty: it must have at least one token.");
  for (const Token token : request.prompt) {
    if (token < 0)
      return fail_field("prompt", "The prompt has token {}, but token ids start at 0.", token);
  }
  const bool is_scored = request.prompt_logprobs.has_value();
  if (request.max_tokens < (is_scored ? 0 : 1) && request.max_tokens != -1) {
    return fail_field("max_tokens", "max_tokens must be at least 1, or -1 for no limit, but is {}.",
                      request.max_tokens);
  }
  if (request.min_tokens < 0) {
    return fail_field("min_tokens", "min_tokens must be at least 0, but is {}.",
                      request.min_tokens);
  }
  for (const Token token : request.stop_tokens) {
    if (token < 0) {
      return fail_field("stop_token_ids", "stop_token_ids has {}, but token ids start at 0.",
                        token);
    }
  }
  if (request.logprobs) {
    const Range<std::int32_t> range{"logprobs", *request.logprobs, 0, kMaxLogprobs};
    if (Result<void> ok = within(range); !ok) return ok;
  }
  if (request.prompt_logprobs) {
    const Range<std::int32_t> range{"prompt_logprobs", *request.prompt_logprobs, 0, kMaxLogprobs};
    if (Result<void> ok = within(range); !ok) return ok;
  }
  if (Result<void> ok = validate_fractions(request.sampling); !ok) return ok;
  if (Result<void> ok = validate_counts(request.sampling); !ok) return ok;
  return validate_logit_bias(request.sampling);
}

}  // namespace shimmy::generation
