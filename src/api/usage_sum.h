// The usage of all choices of one answer.
#pragma once

#include <cstddef>

#include "generation/event.h"
#include "http/exchange.h"
#include "protocol/openai/usage.h"

namespace shimmy::api {

class UsageSum {
 public:
  // A further choice of the same prompt: the prompt counts once.
  void add(const generation::FinishedEvent& finished, std::size_t reasoning_tokens = 0);

  // A choice of another prompt.
  void add_prompt(const generation::FinishedEvent& finished);

  const protocol::openai::Usage& total() const { return total_; }

  // Tells the access log.
  void note(http::Exchange& exchange) const;

 private:
  protocol::openai::Usage total_;
  bool is_empty_ = true;
};

}  // namespace shimmy::api
