#include <llama-ext.h>

#include "llama/context.h"

namespace shimmy::llama {

ContextMemory Context::memory_use() const {
  ContextMemory use;
  for (const auto& [type, bytes] : llama_get_memory_breakdown(handle_.get())) {
    use.weights += bytes.model;
    use.cache += bytes.context;
    use.compute += bytes.compute;
  }
  // libllama does not count the rows that logits() reads.
  use.compute +=
      static_cast<std::uint64_t>(size_.max_outputs) * model_->vocabulary().size() * sizeof(float);
  return use;
}

}  // namespace shimmy::llama
