// Puts a loaded model, a context and a scheduler together.
#pragma once

#include <cstddef>
#include <memory>

#include "base/error.h"
#include "base/log.h"
#include "generation/engine.h"
#include "llama/model.h"
#include "scheduler/local_engine.h"

namespace shimmy::scheduler {

struct LlamaEngineOptions {
  std::size_t context_tokens = 0;             // cells of the KV cache; 0: as the next says
  std::size_t default_context_tokens = 8192;  // unless the model was trained with fewer
  std::size_t max_sequences = 16;             // requests that run at once
  std::size_t threads = 0;                    // compute threads; 0: one for each usable core
  std::size_t max_rows = 512;                 // tokens of one step at most
  EngineOptions engine;
};

// A model that only embeds gets an engine that refuses to generate. Blocks while the context is
// made. Fails with ModelLoadFailed or InvalidRequest.
base::Result<std::shared_ptr<generation::Engine>> make_llama_engine(
    const std::shared_ptr<const llama::Model>& model, const LlamaEngineOptions& options,
    const base::Logger& log);

// The decoder alone, as the engine uses it.
base::Result<std::unique_ptr<Decoder>> make_llama_decoder(
    const std::shared_ptr<const llama::Model>& model, const LlamaEngineOptions& options);

}  // namespace shimmy::scheduler
