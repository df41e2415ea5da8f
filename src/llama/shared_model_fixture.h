// The tiny model that most tests of this folder use, loaded once, and contexts of it.
#pragma once

#include <memory>
#include <vector>

#include "llama/context.h"
#include "llama/model.h"
#include "support/tiny_model.h"

namespace shimmy::llama {

std::shared_ptr<const Model> shared_model(
    support::TinyArchitecture architecture = support::TinyArchitecture::Llama);

// Computes on the calling thread alone: quick and repeatable beside other programs. Ends the test
// program when it cannot be made.
std::unique_ptr<Context> make_context(
    const ContextOptions& options,
    support::TinyArchitecture architecture = support::TinyArchitecture::Llama);

// A batch of tokens of one sequence from a position on; the last one wants logits.
Batch prompt_batch(const std::vector<Token>& tokens, SequenceId sequence = 0, Position from = 0);

// `count` tokens that are not special, the same for the same `seed`.
std::vector<Token> some_tokens(std::size_t count, std::uint32_t seed = 1);

std::vector<float> copied(std::span<const float> logits);

}  // namespace shimmy::llama
