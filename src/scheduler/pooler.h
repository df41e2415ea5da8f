// The compute behind a LocalEmbedder.
#pragma once

#include <cstddef>
#include <functional>
#include <span>
#include <vector>

#include "base/error.h"
#include "generation/embedder.h"
#include "generation/engine.h"

namespace shimmy::scheduler {

// Turns whole inputs into vectors. One thread uses it.
class Pooler {
 public:
  using Input = std::span<const generation::Token>;

  // What one call takes: inputs of so many tokens together, or a longer one alone.
  struct Limits {
    std::size_t batch_tokens = 0;
    std::size_t batch_inputs = 0;
  };

  virtual ~Pooler() = default;

  virtual const Limits& limits() const = 0;  // constant

  // What it holds now beside the weights. Any thread.
  virtual generation::EngineMemory memory() const { return {}; }

  // One vector for each input. Blocks for the forward passes that this takes; `should_abort` is
  // asked all the while, on this thread: then it fails with Cancelled. Fails with ModelLoadFailed
  // (no memory for a context), Overloaded (models may take no more memory) or GenerationFailed.
  virtual base::Result<std::vector<generation::Vector>> embed(
      std::span<const Input> inputs, const std::function<bool()>& should_abort) = 0;
};

}  // namespace shimmy::scheduler
