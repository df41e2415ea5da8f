// An Engine that also embeds.
#pragma once

#include <functional>
#include <memory>
#include <mutex>

#include "generation/engine.h"
#include "generation/memory_claim.h"

namespace shimmy::scheduler {

// Leaves generation to another engine and makes an Embedder when it is first asked for one.
class EmbeddingEngine final : public generation::Engine {
 public:
  using EmbedderFactory = std::function<std::shared_ptr<generation::Embedder>()>;

  EmbeddingEngine(std::shared_ptr<generation::Engine> generator, EmbedderFactory make_embedder);

  base::Result<std::unique_ptr<generation::Generation>> submit(
      generation::Request request) override {
    return generator_->submit(std::move(request));
  }
  base::Result<std::shared_ptr<generation::Embedder>> embedder() override;
  const generation::ModelFacts& facts() const override { return generator_->facts(); }
  const generation::Tokenizer& tokenizer() const override { return generator_->tokenizer(); }
  generation::EngineLoad load() const override;
  void drain() override;
  void stop() override;
  bool wait_idle(std::stop_token stop = {}) override;

 private:
  std::shared_ptr<generation::Embedder> made() const;

  const std::shared_ptr<generation::Engine> generator_;
  const EmbedderFactory make_embedder_;

  mutable std::mutex mutex_;
  std::shared_ptr<generation::Embedder> embedder_;  // guarded by mutex_
  bool draining_ = false;                           // guarded by mutex_
};

// Stands for the generator of a model that cannot generate: refuses every request.
class EncoderEngine final : public generation::Engine {
 public:
  // `memory`: held as long as this lives; may be null.
  EncoderEngine(generation::ModelFacts facts,
                std::shared_ptr<const generation::Tokenizer> tokenizer,
                std::shared_ptr<generation::MemoryClaim> memory = nullptr)
      : facts_(std::move(facts)), tokenizer_(std::move(tokenizer)), memory_(std::move(memory)) {}

  base::Result<std::unique_ptr<generation::Generation>> submit(
      generation::Request request) override;
  const generation::ModelFacts& facts() const override { return facts_; }
  const generation::Tokenizer& tokenizer() const override { return *tokenizer_; }
  generation::EngineLoad load() const override;
  void drain() override {}
  bool wait_idle(std::stop_token /*stop*/ = {}) override { return true; }

 private:
  const generation::ModelFacts facts_;
  const std::shared_ptr<const generation::Tokenizer> tokenizer_;
  const std::shared_ptr<generation::MemoryClaim> memory_;
};

}  // namespace shimmy::scheduler
