// Chooses the next token of one sequence.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <utility>
#include <vector>

#include "base/error.h"
#include "generation/event.h"
#include "generation/request.h"
#include "generation/tokenizer.h"

namespace shimmy::scheduler {

// One per generation; one thread at a time.
class Sampler {
 public:
  virtual ~Sampler() = default;

  // The chosen token, which counts as accepted. Fails with GenerationFailed when no token can be
  // chosen: the logits hold no number, or a grammar allows nothing.
  virtual base::Result<generation::Token> sample(std::span<const float> logits) = 0;
};

// Makes the sampler of a request; fails with InvalidRequest, as for a grammar that cannot be read.
// Any thread.
using SamplerFactory =
    std::function<base::Result<std::unique_ptr<Sampler>>(const generation::Request& request)>;

// Changes to logits that hold for a whole request: the user's biases, and bans.
class LogitEdits {
 public:
  LogitEdits(const generation::Request& request, const generation::Tokenizer& tokenizer);

  // `logits` themselves when there is nothing to edit, else an edited copy, valid until the next
  // call.
  std::span<const float> apply(std::span<const float> logits);

 private:
  std::vector<std::pair<generation::Token, float>> added_;
  std::vector<float> edited_;
};

// Always the likeliest token: one pass over the logits, no candidates built.
class GreedySampler final : public Sampler {
 public:
  explicit GreedySampler(LogitEdits edits) : edits_(std::move(edits)) {}

  base::Result<generation::Token> sample(std::span<const float> logits) override;

 private:
  LogitEdits edits_;
};

// The chosen token with its log probability and its `count` likeliest rivals, of the model's own
// distribution.
generation::GeneratedToken with_logprobs(generation::Token token, std::span<const float> logits,
                                         std::size_t count, const generation::Tokenizer& tokenizer);

}  // namespace shimmy::scheduler
