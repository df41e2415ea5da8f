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

using base::Result;
using generation::Constraint;
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

// Which tokens may come; at most one of the two is there.
struct Guide {
  std::unique_ptr<grammar::Matcher> matcher;
  llama::SamplerChain grammar;
};

class ChainSampler final : public Sampler {
 public:
  ChainSampler(LogitEdits edits, llama::SamplerChain chain, Guide guide, std::size_t preselected)
      : edits_(std::move(edits)),
        chain_(std::move(chain)),
        matcher_(std::move(guide.matcher)),
        grammar_(std::move(guide.grammar)),
        preselected_(preselected) {}

  Result<Token> sample(std::span<const float> logits) override {
    logits = edits_.apply(logits);
    return matcher_ ? sample_masked(logits) : sample_checked(logits);
  }

  bool is_finished() override { return matcher_ && matcher_->is_finished(); }

 private:
  Result<Token> sample_masked(std::span<const float> logits) {
    const auto allowed = matcher_->allowed();
    if (!allowed) return std::unexpected(allowed.error());
    candidates_.clear();
    if (preselected_ > 0) {
      take(top_k(logits, preselected_, *allowed));
    } else {
      for (std::size_t i = 0; i < logits.size() && i / 32 < allowed->size(); ++i) {
        if (((*allowed)[i / 32] >> (i % 32) & 1U) != 0) {
          candidates_.push_back({static_cast<Token>(i), logits[i], 0});
        }
      }
    }
    const auto choice = chain_.select({candidates_, /*sorted=*/preselected_ > 0});
    if (!choice || !matcher_->accept(choice->id)) return no_choice(/*is_constrained=*/true);
    chain_.accept(choice->id);
    return choice->id;
  }

  // With libllama's grammar, or none.
  Result<Token> sample_checked(std::span<const float> logits) {
    std::optional<llama::Candidate> choice = choose(logits, /*constrained=*/false);
    // Most choices are allowed anyway: asking about one token is far cheaper than about the
    // vocabulary.
    if (choice && !grammar_.allows(choice->id)) choice = choose(logits, /*constrained=*/true);
    if (!choice || !grammar_.accept(choice->id)) {
      return no_choice(!grammar_.empty());
    }
    chain_.accept(choice->id);
    return choice->id;
  }

  void take(const std::vector<ScoredToken>& tokens) {
    for (const auto& [token, logit] : tokens) candidates_.push_back({token, logit, 0});
  }

  std::optional<llama::Candidate> choose(std::span<const float> logits, bool constrained) {
    candidates_.clear();
    const bool preselect = preselected_ > 0 && !constrained;
    if (preselect) {
      take(top_k(logits, preselected_));
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
  std::unique_ptr<grammar::Matcher> matcher_;  // none: no constraint, or libllama's grammar
  llama::SamplerChain grammar_;                // the grammar alone; empty without one
  std::size_t preselected_;                    // candidates that chain_ is given; 0: all
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

Result<Guide> make_guide(const Constraint& constraint, const llama::Vocabulary& vocabulary,
                         grammar::Compiler& compiler) {
  Guide guide;
  if (constraint.kind == Constraint::Kind::None) return guide;
  auto compiled = compiler.compile(constraint);
  if (compiled) {
    guide.matcher = std::make_unique<grammar::Matcher>(std::move(*compiled));
    return guide;
  }
  const bool is_final = constraint.kind != Constraint::Kind::Gbnf ||
                        compiled.error().reason == grammar::kEmptyLanguage;
  if (is_final) return std::unexpected(compiled.error());
  if (auto added = guide.grammar.add_grammar(vocabulary, constraint.text); !added) {
    return std::unexpected(grammar::named_after(constraint, added.error()));
  }
  return guide;
}

}  // namespace

Result<std::unique_ptr<Sampler>> make_sampler(const Request& request,
                                              const generation::Tokenizer& tokenizer,
                                              const llama::Vocabulary& vocabulary,
                                              std::size_t context_tokens,
                                              grammar::Compiler& compiler) {
  const Sampling& sampling = request.sampling;
  Result<Guide> guide = make_guide(sampling.constraint, vocabulary, compiler);
  if (!guide) return std::unexpected(guide.error());
  LogitEdits edits(request, tokenizer);
  const bool has_history = has_penalties(sampling) || has_dry(sampling);
  if (sampling.temperature == 0 && !has_history && guide->grammar.empty()) {
    return std::make_unique<GreedySampler>(std::move(edits), std::move(guide->matcher));
  }

  llama::SamplerChain chain;
  add_history_stages(chain, sampling, vocabulary, context_tokens);
  add_choice_stages(chain, sampling, vocabulary, sampling.seed.value_or(std::random_device{}()));
  if (has_history) {
    for (const Token token : request.prompt) chain.accept(token);
  }
  return std::make_unique<ChainSampler>(std::move(edits), std::move(chain), std::move(*guide),
                                        preselected(sampling));
}

}  // namespace shimmy::scheduler
