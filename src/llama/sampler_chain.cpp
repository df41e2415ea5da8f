#include "llama/sampler_chain.h"

#include <llama.h>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <exception>
#include <limits>
#include <new>

#include "llama/grammar_check.h"
#include "llama/log_route.h"

namespace shimmy::llama {
namespace {

static_assert(sizeof(Candidate) == sizeof(llama_token_data));
static_assert(offsetof(Candidate, id) == offsetof(llama_token_data, id));
static_assert(offsetof(Candidate, logit) == offsetof(llama_token_data, logit));
static_assert(offsetof(Candidate, probability) == offsetof(llama_token_data, p));

constexpr std::int32_t kMirostatWindow = 100;  // the paper's m
constexpr float kRuledOut = -std::numeric_limits<float>::infinity();

// libllama keeps a ring of this many tokens: the longest context is shorter.
constexpr std::int32_t kMaxRememberedTokens = 1 << 22;

// The largest seed means "any" to libllama; ours always mean themselves.
std::uint32_t fixed(std::uint32_t seed) {
  return seed == LLAMA_DEFAULT_SEED ? LLAMA_DEFAULT_SEED - 1 : seed;
}

std::int32_t remembered(std::int32_t tokens) { return std::clamp(tokens, 0, kMaxRememberedTokens); }

llama_token_data_array view_of(const Candidates& candidates) {
  return {reinterpret_cast<llama_token_data*>(candidates.items.data()), candidates.items.size(),
          /*selected=*/-1, candidates.sorted};
}

// Samplers that draw from the candidates need a largest logit that is a number, and no NaN.
bool is_usable(const llama_token_data_array& view) {
  float largest = kRuledOut;
  bool has_nan = false;
  for (std::size_t index = 0; index < view.size; ++index) {
    const float logit = view.data[index].logit;
    has_nan = has_nan || std::isnan(logit);
    largest = std::max(largest, logit);
  }
  return !has_nan && std::isfinite(largest);
}

}  // namespace

SamplerChain& SamplerChain::add(llama_sampler* stage) {
  if (stage == nullptr) throw std::bad_alloc();
  stages_.emplace_back(stage);
  return *this;
}

SamplerChain& SamplerChain::add_top_k(std::int32_t k) { return add(llama_sampler_init_top_k(k)); }

SamplerChain& SamplerChain::add_top_p(float p, std::size_t min_keep) {
  return add(llama_sampler_init_top_p(p, min_keep));
}

SamplerChain& SamplerChain::add_min_p(float p, std::size_t min_keep) {
  return add(llama_sampler_init_min_p(p, min_keep));
}

SamplerChain& SamplerChain::add_typical(float p, std::size_t min_keep) {
  return add(llama_sampler_init_typical(p, min_keep));
}

SamplerChain& SamplerChain::add_xtc(float probability, float threshold, std::uint32_t seed,
                                    std::size_t min_keep) {
  return add(llama_sampler_init_xtc(probability, threshold, min_keep, fixed(seed)));
}

SamplerChain& SamplerChain::add_temperature(float temperature) {
  return add(llama_sampler_init_temp(temperature));
}

SamplerChain& SamplerChain::add_penalties(std::size_t vocabulary_size, const Penalties& penalties) {
  return add(llama_sampler_init_penalties(static_cast<std::int32_t>(vocabulary_size),
                                          remembered(penalties.last_tokens), penalties.repeat,
                                          penalties.frequency, penalties.presence));
}

SamplerChain& SamplerChain::add_dry(const Vocabulary& vocabulary, const Dry& dry) {
  std::vector<const char*> breakers;
  breakers.reserve(dry.breakers.size());
  for (const std::string& breaker : dry.breakers) breakers.push_back(breaker.c_str());
  return add(llama_sampler_init_dry(vocabulary.raw(), dry.multiplier, dry.base, dry.allowed_length,
                                    remembered(dry.last_tokens), breakers.data(), breakers.size()));
}

base::Result<void> SamplerChain::add_grammar(const Vocabulary& vocabulary, std::string_view text,
                                             const std::string& root) {
  if (grammar_ != nullptr) {
    return base::fail(base::ErrorCode::Internal, "a sampler chain takes one grammar only");
  }
  if (const base::Result<void> checked = check_grammar(vocabulary.raw(), text, root); !checked) {
    return checked;
  }
  const LogCapture complaints;
  const std::string terminated(text);
  try {
    llama_sampler* stage =
        llama_sampler_init_grammar(vocabulary.raw(), terminated.c_str(), root.c_str());
    if (stage != nullptr) {
      add(stage);
      grammar_ = stage;
      vocabulary_ = &vocabulary;
      return {};
    }
  } catch (const std::exception& error) {
    return base::fail_field("grammar", "the grammar cannot be used: {}", error.what());
  }
  return base::fail_field("grammar", "the grammar cannot be used: {}", complaints.text());
}

SamplerChain& SamplerChain::add_distribution(std::uint32_t seed) {
  return add(llama_sampler_init_dist(fixed(seed)));
}

SamplerChain& SamplerChain::add_greedy() { return add(llama_sampler_init_greedy()); }

SamplerChain& SamplerChain::add_mirostat_v1(std::size_t vocabulary_size, std::uint32_t seed,
                                            float tau, float eta) {
  return add(llama_sampler_init_mirostat(static_cast<std::int32_t>(vocabulary_size), fixed(seed),
                                         tau, eta, kMirostatWindow));
}

SamplerChain& SamplerChain::add_mirostat_v2(std::uint32_t seed, float tau, float eta) {
  return add(llama_sampler_init_mirostat_v2(fixed(seed), tau, eta));
}

void SamplerChain::apply(Candidates& candidates) { run(candidates); }

std::optional<Candidate> SamplerChain::select(Candidates candidates) {
  const std::int64_t chosen = run(candidates);
  if (chosen < 0 || static_cast<std::size_t>(chosen) >= candidates.items.size()) return {};
  const Candidate& candidate = candidates.items[static_cast<std::size_t>(chosen)];
  if (candidate.logit == kRuledOut) return {};
  return candidate;
}

std::int64_t SamplerChain::run(Candidates& candidates) {
  llama_token_data_array view = view_of(candidates);
  llama_token_data* const array = view.data;
  bool is_checked = false;
  for (const SamplerHandle& stage : stages_) {
    const bool is_grammar = stage.get() == grammar_;
    if (!is_checked && !is_grammar) {
      if (!is_usable(view)) return -1;
      is_checked = true;
    }
    if (view.size == 0) return -1;
    llama_sampler_apply(stage.get(), &view);
    // A grammar may have ruled out every candidate.
    if (is_grammar) is_checked = false;
  }
  // Some samplers work in an array of their own.
  if (view.data != array) std::copy_n(view.data, view.size, array);
  candidates.items = candidates.items.first(view.size);
  candidates.sorted = view.sorted;
  return view.selected;
}

bool SamplerChain::allows(Token token) const {
  if (grammar_ == nullptr) return true;
  if (!vocabulary_->contains(token)) return false;
  llama_token_data candidate{token, 0.0F, 0.0F};
  llama_token_data_array view{&candidate, 1, /*selected=*/-1, /*sorted=*/false};
  llama_sampler_apply(grammar_, &view);
  return candidate.logit != kRuledOut;
}

bool SamplerChain::accept(Token token) {
  // libllama ends the process when a grammar is told of an end it does not allow.
  if (!allows(token)) return false;
  for (const SamplerHandle& stage : stages_) llama_sampler_accept(stage.get(), token);
  return true;
}

void SamplerChain::reset() {
  for (const SamplerHandle& stage : stages_) llama_sampler_reset(stage.get());
}

}  // namespace shimmy::llama
