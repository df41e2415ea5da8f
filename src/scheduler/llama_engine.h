// Puts a loaded model, a context and a scheduler together.
#pragma once

#include <cstddef>
#include <memory>

#include "base/error.h"
#include "base/log.h"
#include "generation/cache_type.h"
#include "generation/engine.h"
#include "generation/memory_claim.h"
#include "llama/model.h"
#include "scheduler/local_engine.h"
#include "scheduler/shared_compute.h"

namespace shimmy::scheduler {

struct LlamaEngineOptions {
  // The most that a request's prompt and completion may have together; 0: what the model was
  // trained with.
  std::size_t context_tokens = 0;
  std::size_t first_context_tokens = 1024;  // that the context begins with, at most; it grows
  std::size_t max_sequences = 16;           // requests that run at once
  std::size_t threads = 0;     // compute threads, without `compute`; 0: one for each usable core
  std::size_t max_rows = 512;  // tokens of one step at most
  generation::CacheType key_type = generation::CacheType::F16;
  generation::CacheType value_type = generation::CacheType::F16;
  // Holds an estimate of what model and first context take; raised before the context grows. Null:
  // as much as the machine has free.
  std::shared_ptr<generation::MemoryClaim> memory;
  SharedCompute compute;  // empty: threads and turns of its own
  EngineOptions engine;
};

// A model that only embeds gets an engine that refuses to generate. Blocks while the first context
// is made. Fails with ModelLoadFailed or InvalidRequest.
base::Result<std::shared_ptr<generation::Engine>> make_llama_engine(
    const std::shared_ptr<const llama::Model>& model, LlamaEngineOptions options,
    const base::Logger& log);

// The decoder alone, as the engine uses it.
base::Result<std::unique_ptr<Decoder>> make_llama_decoder(
    const std::shared_ptr<const llama::Model>& model, LlamaEngineOptions options);

}  // namespace shimmy::scheduler
