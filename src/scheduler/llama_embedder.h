// Puts a loaded model and an Embedder together.
#pragma once

#include <cstddef>
#include <memory>

#include "base/log.h"
#include "generation/embedder.h"
#include "generation/memory_claim.h"
#include "llama/model.h"
#include "scheduler/shared_compute.h"

namespace shimmy::scheduler {

struct LlamaEmbedderOptions {
  SharedCompute compute;
  std::size_t longest_input = 0;                    // tokens
  std::size_t max_queued = 1024;                    // requests that wait or run
  bool takes_whole_inputs = false;                  // see LlamaPoolerOptions
  std::shared_ptr<generation::MemoryClaim> memory;  // likewise
};

// At once: the context is made at the first request.
std::shared_ptr<generation::Embedder> make_llama_embedder(
    const std::shared_ptr<const llama::Model>& model, const LlamaEmbedderOptions& options,
    const base::Logger& log);

}  // namespace shimmy::scheduler
