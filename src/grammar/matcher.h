// Follows a generation through a grammar and says which tokens may come next.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "base/error.h"
#include "generation/request.h"

namespace shimmy::grammar {

// A grammar with what was found out about a vocabulary in advance. Immutable: any thread.
class CompiledGrammar;

// One per generation; one thread at a time.
class Matcher {
 public:
  explicit Matcher(std::shared_ptr<const CompiledGrammar> grammar);
  ~Matcher();
  Matcher(const Matcher&) = delete;
  Matcher& operator=(const Matcher&) = delete;

  // Bit i % 32 of word i / 32: whether token i may come next. End tokens may exactly when the
  // text so far is complete. Valid until the next accept(). Fails with GenerationFailed.
  base::Result<std::span<const std::uint32_t>> allowed();

  // The token was generated. False, with nothing changed, when it may not come here.
  bool accept(generation::Token token);

  bool is_complete() const;  // the text so far belongs to the grammar

  // Complete, and nothing but an end token may come; or an end token has come.
  bool is_finished();

  // The bytes that have to come next, whatever is chosen; empty when there is a choice.
  std::string forced_text();

 private:
  struct State;

  std::unique_ptr<State> state_;
};

}  // namespace shimmy::grammar
