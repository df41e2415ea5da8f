// Makes token masks of constraints, for one model's vocabulary.
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

#include "base/error.h"
#include "generation/constraint.h"
#include "generation/tokenizer.h"
#include "grammar/matcher.h"

namespace shimmy::grammar {

// Any thread may call any member.
class Compiler {
 public:
  // `cache_bytes`: compiled grammars that are kept for the next request, in all.
  explicit Compiler(std::shared_ptr<const generation::Tokenizer> tokenizer,
                    std::size_t cache_bytes = std::size_t{64} << 20);
  ~Compiler();
  Compiler(const Compiler&) = delete;
  Compiler& operator=(const Compiler&) = delete;

  // Blocks while it compiles, or while another thread compiles the same constraint; at once when it
  // is in the cache. The first call of all also reads the whole vocabulary. Fails with
  // InvalidRequest for a constraint that is broken, cannot be enforced or is too large. Requires: a
  // kind other than None.
  base::Result<std::shared_ptr<const CompiledGrammar>> compile(
      const generation::Constraint& constraint);

  struct CacheUse {
    std::size_t grammars = 0;
    std::size_t bytes = 0;
  };
  CacheUse cache_use() const;

 private:
  struct State;
  const std::unique_ptr<State> state_;
};

// The reason of an error about a grammar that no text at all belongs to.
inline constexpr std::string_view kEmptyLanguage = "empty_grammar";

// The error, named after the field of the request that the constraint came from.
base::Error named_after(const generation::Constraint& constraint, base::Error error);

}  // namespace shimmy::grammar
