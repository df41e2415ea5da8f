// Pooler on libllama.
#pragma once

#include <memory>
#include <vector>

#include "base/error.h"
#include "base/guarded.h"
#include "base/machine.h"
#include "generation/memory_claim.h"
#include "llama/context.h"
#include "llama/model.h"
#include "scheduler/pooler.h"
#include "scheduler/shared_compute.h"
#include "scheduler/step_cost.h"

namespace shimmy::scheduler {

struct LlamaPoolerOptions {
  SharedCompute compute;
  std::size_t batch_tokens = 512;  // of one forward pass, except for a longer input; fewer where
                                   // a large vocabulary would make the outputs of a pass too large
  std::size_t longest_input = 512;
  bool takes_whole_inputs = false;  // a forward pass must see all of an input (no cache, or a model
                                    // that looks ahead)
  // For the contexts alone, which raise and lower it; must not be null.
  std::shared_ptr<generation::MemoryClaim> memory;
};

// Has a context of its own on the model's weights, made at the first use and as large as the inputs
// need: it grows for a long one, and is replaced when it was far too large for the next.
class LlamaPooler final : public Pooler {
 public:
  LlamaPooler(std::shared_ptr<const llama::Model> model, const LlamaPoolerOptions& options);

  const Limits& limits() const override { return limits_; }
  generation::EngineMemory memory() const override { return held_.copy(); }
  base::Result<std::vector<generation::Vector>> embed(
      std::span<const Input> inputs, const std::function<bool()>& should_abort) override;

  // Tokens that the present context has room for; 0: there is none.
  std::size_t room() const { return room_; }

 private:
  base::Result<void> make_room(std::size_t tokens);
  base::Result<void> make_context(std::size_t room);
  base::Result<void> claim(const llama::Context& context, std::size_t room);
  base::Result<void> decode(const std::function<bool()>& should_abort);
  base::Result<std::vector<generation::Vector>> embed_together(
      std::span<const Input> inputs, const std::function<bool()>& should_abort);
  base::Result<std::vector<generation::Vector>> embed_some(
      std::span<const Input> inputs, const std::function<bool()>& should_abort);
  base::Result<generation::Vector> embed_in_parts(Input input, std::size_t part_tokens,
                                                  const std::function<bool()>& should_abort);
  std::size_t pass_tokens() const;

  const std::shared_ptr<const llama::Model> model_;
  const LlamaPoolerOptions options_;
  const Limits limits_;
  const llama::Pooling pooling_;
  std::unique_ptr<llama::Context> context_;  // null until the first use
  std::size_t room_ = 0;
  base::Guarded<generation::EngineMemory> held_;  // of the context
  llama::Batch batch_{0};
  static constexpr double kPassMs = 80;  // while others want to compute, too
  StepCost cost_{kPassMs};
};

// The tokens of an input that fits a forward pass in half of the free memory; at least 64.
std::size_t longest_whole_input(std::size_t vocabulary_size, const base::Memory& memory);

// The pooling that is used with a model: what its file names, else the mean.
llama::Pooling effective_pooling(const llama::ModelFacts& facts);

}  // namespace shimmy::scheduler
