// Chooses tokens: libllama's samplers in the order in which they were added.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "llama/handles.h"
#include "llama/token.h"
#include "llama/vocabulary.h"

namespace shimmy::llama {

struct Candidate {
  Token id = kNoToken;
  float logit = 0;        // -infinity: ruled out
  float probability = 0;  // written by the filters that need it, and by the final choice
};

// A caller's array that the samplers work in.
struct Candidates {
  std::span<Candidate> items;
  bool sorted = false;  // by falling logit
};

struct Penalties {
  std::int32_t last_tokens = 64;  // how many accepted tokens count
  float repeat = 1.0F;            // divides; 1: off. Above 0
  float frequency = 0.0F;         // subtracted per occurrence; 0: off
  float presence = 0.0F;          // subtracted once; 0: off
};

struct Dry {
  float multiplier = 0.0F;  // 0: off
  float base = 1.75F;
  std::int32_t allowed_length = 2;
  std::int32_t last_tokens = 0;  // how many accepted tokens are searched
  std::vector<std::string> breakers;
};

// Owned and used by one thread. Token ids must be of the model's vocabulary.
class SamplerChain {
 public:
  SamplerChain() = default;

  // Filters: they shrink the candidates or change logits.
  SamplerChain& add_top_k(std::int32_t k);  // 0: off
  SamplerChain& add_top_p(float p, std::size_t min_keep = 1);
  SamplerChain& add_min_p(float p, std::size_t min_keep = 1);
  SamplerChain& add_typical(float p, std::size_t min_keep = 1);
  SamplerChain& add_xtc(float probability, float threshold, std::uint32_t seed,
                        std::size_t min_keep = 1);
  SamplerChain& add_temperature(float temperature);  // 0: only the likeliest is left
  SamplerChain& add_penalties(std::size_t vocabulary_size, const Penalties& penalties);
  SamplerChain& add_dry(const Vocabulary& vocabulary, const Dry& dry);

  // Rules out what the grammar does not allow next. `text` is GBNF. Fails with InvalidRequest, in
  // the parser's words, for a grammar that is empty, malformed, without `root`, left-recursive or
  // too large. At most one grammar. Requires: the vocabulary outlives the chain.
  base::Result<void> add_grammar(const Vocabulary& vocabulary, std::string_view text,
                                 const std::string& root = "root");

  // Choices: the last stage of a chain that select() uses. The same seed and the same candidates
  // give the same tokens.
  SamplerChain& add_distribution(std::uint32_t seed);
  SamplerChain& add_greedy();
  SamplerChain& add_mirostat_v1(std::size_t vocabulary_size, std::uint32_t seed, float tau,
                                float eta);
  SamplerChain& add_mirostat_v2(std::uint32_t seed, float tau, float eta);

  std::size_t size() const { return stages_.size(); }
  bool empty() const { return stages_.empty(); }

  // Runs every stage. `items` becomes the part of the caller's array that is left.
  void apply(Candidates& candidates);

  // Runs every stage and gives the one that the last of them chose. Nothing when no candidate can
  // be chosen: none given, all ruled out, or logits that are no numbers. Accepts nothing by itself.
  // Requires: the last stage is a choice.
  std::optional<Candidate> select(Candidates candidates);

  // True when the grammar allows this token next, or there is no grammar.
  bool allows(Token token) const;

  // Tells the stages that have a memory (grammar, penalties, DRY) that `token` was generated.
  // False, with nothing changed, when the grammar does not allow it.
  bool accept(Token token);

  // Forgets every accepted token, and starts random numbers anew.
  void reset();

 private:
  SamplerChain& add(llama_sampler* stage);

  // Index of what the last stage chose, -1 when nothing was.
  std::int64_t run(Candidates& candidates);

  std::vector<SamplerHandle> stages_;
  llama_sampler* grammar_ = nullptr;        // one of stages_
  const Vocabulary* vocabulary_ = nullptr;  // of the grammar
};

}  // namespace shimmy::llama
