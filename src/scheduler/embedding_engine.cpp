#include "scheduler/embedding_engine.h"

#include <utility>

namespace shimmy::scheduler {

using base::ErrorCode;
using base::fail;
using generation::Embedder;

EmbeddingEngine::EmbeddingEngine(std::shared_ptr<generation::Engine> generator,
                                 EmbedderFactory make_embedder)
    : generator_(std::move(generator)), make_embedder_(std::move(make_embedder)) {}

base::Result<std::shared_ptr<Embedder>> EmbeddingEngine::embedder() {
  const std::lock_guard lock(mutex_);
  if (draining_) {
    return fail(ErrorCode::Unavailable, "The model is being stopped and takes no new requests.");
  }
  if (!embedder_) embedder_ = make_embedder_();
  return embedder_;
}

std::shared_ptr<Embedder> EmbeddingEngine::made() const {
  const std::lock_guard lock(mutex_);
  return embedder_;
}

generation::EngineLoad EmbeddingEngine::load() const {
  generation::EngineLoad load = generator_->load();
  if (const auto embedder = made()) {
    const generation::EmbedderLoad embedding = embedder->load();
    load.queued += embedding.queued;
    load.running += embedding.running;
    load.steps += embedding.steps;
    load.prefilled_tokens += embedding.tokens;
    load.memory.kv_cache += embedding.context_bytes;
    load.memory.compute += embedding.compute_bytes;
  }
  return load;
}

void EmbeddingEngine::drain() {
  generator_->drain();
  {
    const std::lock_guard lock(mutex_);
    draining_ = true;
  }
  if (const auto embedder = made()) embedder->drain();
}

// What embeds is short, and comes to its end.
void EmbeddingEngine::stop() {
  generator_->stop();
  drain();
}

bool EmbeddingEngine::wait_idle(std::stop_token stop) {
  if (!generator_->wait_idle(stop)) return false;
  const auto embedder = made();
  return !embedder || embedder->wait_idle(std::move(stop));
}

generation::EngineLoad EncoderEngine::load() const {
  generation::EngineLoad load;
  load.memory.weights = facts_.weight_bytes;
  return load;
}

base::Result<std::unique_ptr<generation::Generation>> EncoderEngine::submit(
    generation::Request /*request*/) {
  return base::fail_field("model",
                          "This is an embedding model ({}): it cannot generate text. Use it for "
                          "embeddings or reranking, or choose a generative model.",
                          facts_.architecture);
}

}  // namespace shimmy::scheduler
