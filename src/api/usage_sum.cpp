#include "api/usage_sum.h"

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

void UsageSum::note(http::Exchange& /*exchange*/) const {}

}  // namespace shimmy::api
