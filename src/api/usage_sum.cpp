#include "api/usage_sum.h"

#include <cstdint>

namespace shimmy::api {

void UsageSum::add(const generation::FinishedEvent& finished, std::size_t reasoning_tokens) {
  if (is_empty_) {
    add_prompt(finished);
  } else {
    total_.completion_tokens += finished.usage.completion_tokens;
  }
  total_.reasoning_tokens += reasoning_tokens;
}

void UsageSum::add_prompt(const generation::FinishedEvent& finished) {
  if (is_empty_) total_.timings = finished.timings;
  is_empty_ = false;
  total_.prompt_tokens += finished.usage.prompt_tokens;
  total_.cached_tokens += finished.usage.cached_tokens;
  total_.completion_tokens += finished.usage.completion_tokens;
}

void UsageSum::note(http::Exchange& exchange) const {
  exchange.note("prompt_tokens", static_cast<std::int64_t>(total_.prompt_tokens));
  exchange.note("cached_tokens", static_cast<std::int64_t>(total_.cached_tokens));
  exchange.note("completion_tokens", static_cast<std::int64_t>(total_.completion_tokens));
  exchange.note("ttft_ms", static_cast<std::int64_t>(total_.timings.ttft_ms));
}

}  // namespace shimmy::api
