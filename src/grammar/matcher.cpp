#include "grammar/matcher.h"

#include <dlpack/dlpack.h>

#include <algorithm>
#include <bit>
#include <exception>
#include <utility>

#include "grammar/compiled_grammar.h"

namespace shimmy::grammar {

struct Matcher::State {
  std::shared_ptr<const CompiledGrammar> grammar;
  xgrammar::GrammarMatcher matcher;
  std::vector<std::uint32_t> mask;
  bool is_filled = false;  // the mask is that of this place
};

Matcher::Matcher(std::shared_ptr<const CompiledGrammar> grammar) {
  const xgrammar::CompiledGrammar& compiled = grammar->grammar;
  const int words = xgrammar::GetBitmaskSize(compiled.GetTokenizerInfo().GetVocabSize());
  state_ = std::make_unique<State>(
      State{std::move(grammar), xgrammar::GrammarMatcher(compiled), {}, false});
  state_->mask.resize(static_cast<std::size_t>(words));
}

Matcher::~Matcher() = default;

base::Result<std::span<const std::uint32_t>> Matcher::allowed() {
  if (state_->is_filled) return state_->mask;
  try {
    auto shape = static_cast<std::int64_t>(state_->mask.size());
    DLTensor tensor{
        state_->mask.data(), {kDLCPU, 0}, 1, xgrammar::GetBitmaskDLType(), &shape, nullptr,
        /*offset=*/0};
    // After the end nothing may come.
    if (state_->matcher.IsTerminated()) {
      std::ranges::fill(state_->mask, 0U);
    } else {
      state_->matcher.FillNextTokenBitmask(&tensor);
    }
    state_->is_filled = true;
    return state_->mask;
  } catch (const std::exception& error) {
    return base::fail(base::ErrorCode::GenerationFailed,
                      "The grammar could not say what may come next: {}", error.what());
  }
}

bool Matcher::accept(generation::Token token) {
  // XGrammar logs what it is asked in vain.
  const auto mask = allowed();
  if (!mask || token < 0) return false;
  const auto index = static_cast<std::size_t>(token);
  if (index / 32 >= mask->size() || ((*mask)[index / 32] >> (index % 32) & 1U) == 0) return false;
  state_->is_filled = false;
  return state_->matcher.AcceptToken(token);
}

bool Matcher::is_complete() const { return state_->matcher.IsCompleted(); }

bool Matcher::is_finished() {
  if (state_->matcher.IsTerminated()) return true;
  if (!is_complete()) return false;
  const auto mask = allowed();
  if (!mask) return false;
  const std::vector<int>& ends = state_->matcher.GetStopTokenIds();
  const auto bits = [&](std::span<const std::uint32_t> words) {
    std::size_t count = 0;
    for (const std::uint32_t word : words) {
      count += static_cast<std::size_t>(std::popcount(word));
    }
    return count;
  };
  return bits(*mask) <= ends.size();
}

std::string Matcher::forced_text() {
  if (state_->matcher.IsTerminated()) return {};
  return state_->matcher.FindJumpForwardString();
}

}  // namespace shimmy::grammar
