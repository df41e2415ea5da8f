#include "scheduler/chain_sampler.h"

#include <algorithm>
#include <cstdint>
#include <optional>
#include <random>
#include <span>
#include <utility>

#include "scheduler/logits.h"

namespace shimmy::scheduler {
namespace {

using base::ErrorCode;
using base::Result;
using generation::Request;
using generation::Sampling;
using generation::Token;

bool has_penalties(const Sampling& sampling) {
  return sampling.penalty_last_n != 0 &&
         (sampling.repeat_penalty != 1.0F || sampling.frequency_penalty != 0.0F ||
          sampling.presence_penalty != 0.0F);
}

bool has_dry(const Sampling& sampling) {
  return sampling.dry_multiplier > 0 && sampling.dry_last_n != 0;
}

class ChainSampler final : public Sampler {
 public:
  ChainSampler(LogitEdits edits, llama::SamplerChain chain, llama::SamplerChain grammar,
               std::size_t preselected)
      : edits_(std::move(edits)),
        chain_(std::move(chain)),
        grammar_(std::move(grammar)),
        preselected_(preselected) {}

  Result<Token> sample(std::span<const float> logits) override {
    logits = edits_.apply(logits);
    std::optional<llama::Candidate> choice = choose(logits, /*constrained=*/false);
    // Most choices are allowed anyway: asking about one token is far cheaper than about the
    // vocabulary.
    if (choice && !grammar_.allows(choice->id)) choice = choose(logits, /*constrained=*/true);
    if (!choice || !grammar_.accept(choice->id)) {
      return base::fail(ErrorCode::GenerationFailed, "No token can follow: {}.",
                        grammar_.empty() ? "the model's output has no number to choose from"
                                         : "the grammar allows none");
    }
    chain_.accept(choice->id);
    return choice->id;
  }

 private:
  std::optional<llama::Candidate> choose(std::span<const float> logits, bool constrained) {
    candidates_.clear();
    const bool preselect = preselected_ > 0 && !constrained;
    if (preselect) {
      for (const auto& [token, logit] : top_k(logits, preselected_)) {
        candidates_.push_back({token, logit, 0});
      }
    } else {
      for (std::size_t i = 0; i < logits.size(); ++i) {
        candidates_.push_back({static_cast<Token>(i), logits[i], 0});
      }
    }
    llama::Candidates candidates{candidates_, preselect};
    if (constrained) grammar_.apply(candidates);
    return chain_.select(candidates);
  }

  LogitEdits edits_;
  llama::SamplerChain chain_;
  llama::SamplerChain grammar_;  // the grammar alone; empty without one
  std::size_t preselected_;      // candidates that chain_ is given; 0: all
  std::vector<llama::Candidate> candidates_;
};

std::int32_t or_context(std::int32_t last_n, std::size_t context_tokens) {
  return last_n < 0 ? static_cast<std::int32_t>(context_tokens) : last_n;
}

void add_history_stages(llama::SamplerChain& chain, const Sampling& sampling,
                        const llama::Vocabulary& vocabulary, std::size_t context_tokens) {
  if (has_penalties(sampling)) {
    chain.add_penalties(vocabulary.size(), {or_context(sampling.penalty_last_n, context_tokens),
                                            sampling.repeat_penalty, sampling.frequency_penalty,
                                            sampling.presence_penalty});
  }
  if (has_dry(sampling)) {
    chain.add_dry(vocabulary,
                  {sampling.dry_multiplier, sampling.dry_base, sampling.dry_allowed_length,
                   or_context(sampling.dry_last_n, context_tokens), sampling.dry_breakers});
  }
}

void add_choice_stages(llama::SamplerChain& chain, const Sampling& sampling,
                       const llama::Vocabulary& vocabulary, std::uint32_t seed) {
  if (sampling.temperature == 0) {
    chain.add_greedy();
  } else if (sampling.mirostat == 1) {
    chain.add_temperature(sampling.temperature)
        .add_mirostat_v1(vocabulary.size(), seed, sampling.mirostat_tau, sampling.mirostat_eta);
  } else if (sampling.mirostat == 2) {
    chain.add_temperature(sampling.temperature)
        .add_mirostat_v2(seed, sampling.mirostat_tau, sampling.mirostat_eta);
  } else {
    if (sampling.top_k > 0) chain.add_top_k(sampling.top_k);
    if (sampling.typical_p < 1) chain.add_typical(sampling.typical_p);
    if (sampling.top_p < 1) chain.add_top_p(sampling.top_p);
    if (sampling.min_p > 0) chain.add_min_p(sampling.min_p);
    if (sampling.xtc_probability > 0) {
      chain.add_xtc(sampling.xtc_probability, sampling.xtc_threshold, seed);
    }
    chain.add_temperature(sampling.temperature).add_distribution(seed);
  }
}

std::size_t preselected(const Sampling& sampling) {
  const bool sees_all = has_penalties(sampling) || has_dry(sampling) || sampling.mirostat != 0;
  if (sees_all) return 0;
  return sampling.temperature == 0 ? 1 : static_cast<std::size_t>(sampling.top_k);
}

}  // namespace

Result<std::unique_ptr<Sampler>> make_sampler(const Request& request,
                                              const generation::Tokenizer& tokenizer,
                                              const llama::Vocabulary& vocabulary,
                                              std::size_t context_tokens) {
  const Sampling& sampling = request.sampling;
  LogitEdits edits(request, tokenizer);
  const bool has_history = has_penalties(sampling) || has_dry(sampling);
  if (sampling.temperature == 0 && !has_history && sampling.grammar.empty()) {
    return std::make_unique<GreedySampler>(std::move(edits));
  }

  llama::SamplerChain grammar;
  if (!sampling.grammar.empty()) {
    if (auto added = grammar.add_grammar(vocabulary, sampling.grammar); !added) {
      return std::unexpected(added.error());
    }
  }
  llama::SamplerChain chain;
  add_history_stages(chain, sampling, vocabulary, context_tokens);
  add_choice_stages(chain, sampling, vocabulary, sampling.seed.value_or(std::random_device{}()));
  if (has_history) {
    for (const Token token : request.prompt) chain.accept(token);
  }
  return std::make_unique<ChainSampler>(std::move(edits), std::move(chain), std::move(grammar),
                                        preselected(sampling));
}

}  // namespace shimmy::scheduler
