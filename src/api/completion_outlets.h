// The two ways in which a text completion reaches its client.
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <vector>

#include "api/delivery.h"
#include "protocol/openai/completion_answer.h"

namespace shimmy::api {

// Which generations make which choices: those of prompt p are p * best_of and the following, the
// choices of prompt p are p * choices and the following.
struct CompletionPlan {
  std::vector<std::string> prefixes;  // of each prompt: what its texts begin with ("echo")
  std::size_t choices = 1;            // of each prompt
  std::size_t best_of = 1;            // generations of each prompt, at least `choices`
  bool echo = false;
  bool scores_prompt = false;  // the prompt's tokens come with their logprobs
};

// Server-sent events as the text comes. Requires: plan.best_of == plan.choices.
std::unique_ptr<Outlet> completion_stream(const protocol::openai::CompletionHead& head,
                                          CompletionPlan plan);

// One JSON document at the end. Of more generations than choices those with the highest mean log
// probability are answered, the best first.
std::unique_ptr<Outlet> completion_answer(protocol::openai::CompletionHead head,
                                          CompletionPlan plan);

}  // namespace shimmy::api
