// Chooses the next token of one sequence.
#pragma once

#include <cstdint>
#include <expected>
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
#include "grammar/matcher.h"

namespace shimmy::scheduler {

// One per generation; one thread at a time.
class Sampler {
 public:
  virtual ~Sampler() = default;

  // The chosen token, which counts as accepted. Fails with GenerationFailed when no token can be
  // chosen: the logits hold no number, or a grammar allows nothing.
  virtual base::Result<generation::Token> sample(std::span<const float> logits) = 0;

  // True once a constraint allows nothing more: the generation is complete without an end token.
  virtual bool is_finished() { return false; }
};

// Makes the sampler of a request; fails with InvalidRequest, as for a constraint that cannot be
// enforced. Any thread; may take its time.
using SamplerFactory =
    std::function<base::Result<std::unique_ptr<Sampler>>(const generation::Request& request)>;

// Changes to logits: the user's biases, bans, and bans until enough tokens were chosen.
class LogitEdits {
 public:
  LogitEdits(const generation::Request& request, const generation::Tokenizer& tokenizer);

  // `logits` themselves when there is nothing to edit, else an edited copy, valid until the next
  // call. To be called once for each token.
  std::span<const float> apply(std::span<const float> logits);

 private:
  std::vector<std::pair<generation::Token, float>> added_;
  std::vector<std::pair<generation::Token, float>> added_early_;
  std::int32_t early_ = 0;  // tokens for which those are added as well
  std::vector<float> edited_;
};

// Always the likeliest token of those that the constraint allows: one pass over the logits, no
// candidates built.
class GreedySampler final : public Sampler {
 public:
  // `matcher`: none without a constraint.
  explicit GreedySampler(LogitEdits edits, std::unique_ptr<grammar::Matcher> matcher = nullptr)
      : edits_(std::move(edits)), matcher_(std::move(matcher)) {}

  base::Result<generation::Token> sample(std::span<const float> logits) override;
  bool is_finished() override { return matcher_ && matcher_->is_finished(); }

 private:
  LogitEdits edits_;
  std::unique_ptr<grammar::Matcher> matcher_;
};

// What sample() answers when there is nothing to choose from.
std::unexpected<base::Error> no_choice(bool is_constrained);

// The chosen token with its log probability and its `count` likeliest rivals, of the model's own
// distribution.
generation::GeneratedToken with_logprobs(generation::Token token, std::span<const float> logits,
                                         std::size_t count, const generation::Tokenizer& tokenizer);

}  // namespace shimmy::scheduler
