#include "scheduler/sampler.h"

#include <algorithm>
#include <limits>

#include "scheduler/logits.h"

namespace shimmy::scheduler {

using base::ErrorCode;
using base::Result;
using generation::GeneratedToken;
using generation::Token;

LogitEdits::LogitEdits(const generation::Request& request, const generation::Tokenizer& tokenizer)
    : added_(request.sampling.logit_bias), early_(request.min_tokens) {
  constexpr float kBan = -std::numeric_limits<float>::infinity();
  if (request.ignore_eos) {
    for (const Token token : tokenizer.end_tokens()) added_.emplace_back(token, kBan);
  }
  if (early_ <= 0) return;
  for (const Token token : tokenizer.end_tokens()) added_early_.emplace_back(token, kBan);
  for (const Token token : request.stop_tokens) added_early_.emplace_back(token, kBan);
}

std::span<const float> LogitEdits::apply(std::span<const float> logits) {
  const bool is_early = early_ > 0;
  if (is_early) --early_;
  if (added_.empty() && !is_early) return logits;
  edited_.assign(logits.begin(), logits.end());
  const auto add = [&](const std::vector<std::pair<Token, float>>& biases) {
    for (const auto& [token, bias] : biases) {
      const auto index = static_cast<std::size_t>(token);
      if (index < edited_.size()) edited_[index] += bias;
    }
  };
  add(added_);
  if (is_early) add(added_early_);
  return edited_;
}

Result<Token> GreedySampler::sample(std::span<const float> logits) {
  logits = edits_.apply(logits);
  Token token = -1;
  if (matcher_) {
    const auto allowed = matcher_->allowed();
    if (!allowed) return std::unexpected(allowed.error());
    token = argmax(logits, *allowed);
  } else {
    token = argmax(logits);
  }
  if (token < 0 || (matcher_ && !matcher_->accept(token))) return no_choice(matcher_ != nullptr);
  return token;
}

std::unexpected<base::Error> no_choice(bool is_constrained) {
  return base::fail(ErrorCode::GenerationFailed, "No token can follow: {}.",
                    is_constrained ? "the constraint allows none that the model could choose"
                                   : "the model's output has no number to choose from");
}

GeneratedToken with_logprobs(Token token, std::span<const float> logits, std::size_t count,
                             const generation::Tokenizer& tokenizer) {
  // Of what OpenAI reports for a token that cannot occur: JSON has no infinity.
  constexpr float kFloor = -9999.0F;
  const float total = log_sum_exp(logits);
  const auto logprob = [&](float logit) { return std::max(kFloor, logit - total); };
  GeneratedToken result{token,
                        tokenizer.piece(token, /*show_special=*/true),
                        logprob(logits[static_cast<std::size_t>(token)]),
                        {}};
  for (const ScoredToken& rival : top_k(logits, count)) {
    result.likeliest.push_back(
        {rival.token, tokenizer.piece(rival.token, /*show_special=*/true), logprob(rival.value)});
  }
  return result;
}

}  // namespace shimmy::scheduler
