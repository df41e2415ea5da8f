// How much memory a model will take, before it is loaded.
#pragma once

#include <cstddef>
#include <cstdint>

#include "generation/cache_type.h"
#include "generation/engine.h"
#include "pool/memory_shape.h"

namespace shimmy::pool {

// A context starts with so many tokens, and grows.
constexpr std::size_t kFirstContextTokens = 1024;

// Our contexts keep every cell of sliding-window layers (see llama/context.h): a window saves no
// memory.
struct MemoryPlan {
  std::size_t context_tokens = kFirstContextTokens;
  std::size_t sequences = 16;  // decoded together
  std::size_t batch_rows = 512;
  generation::CacheType key_type = generation::CacheType::F16;
  generation::CacheType value_type = generation::CacheType::F16;
  bool mmap = true;  // weights are mapped from the file where that saves memory
};

// Within 5 % of what libllama then takes in all. Weights that are mapped count: without them in
// memory the model is not fast.
generation::EngineMemory estimate(const MemoryShape& shape, const MemoryPlan& plan);

// The longest context, in steps of 256 tokens, with which the model takes `bytes` at most; 0: none.
// The plan's own does not count. At most `longest`.
std::size_t largest_context(const MemoryShape& shape, MemoryPlan plan, std::uint64_t bytes,
                            std::size_t longest);

// False: the file's weights are better copied, because most of them are copied anyway.
bool is_worth_mapping(const MemoryShape& shape);

}  // namespace shimmy::pool
