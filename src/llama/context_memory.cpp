#include <llama-ext.h>

#include <algorithm>
#include <string_view>

#include "llama/context.h"

namespace shimmy::llama {
namespace {

// ggml's name for the part of a mapped file between the first and the last weight that it has
// there.
constexpr std::string_view kMapped = "CPU_Mapped";

}  // namespace

ContextMemory Context::memory_use() const {
  ContextMemory use;
  const bool is_copied = model_->access() == FileAccess::MapToCopy;
  for (const auto& [type, bytes] : llama_get_memory_breakdown(handle_.get())) {
    if (!is_copied || ggml_backend_buft_name(type) != kMapped) use.weights += bytes.model;
    use.cache += bytes.context;
    use.compute += bytes.compute;
  }
  // Of the mapping remains what was not copied.
  if (is_copied) use.weights = std::max(use.weights, model_->facts().size_bytes);
  // libllama does not count the rows that logits() reads.
  use.compute +=
      static_cast<std::uint64_t>(size_.max_outputs) * model_->vocabulary().size() * sizeof(float);
  return use;
}

}  // namespace shimmy::llama
