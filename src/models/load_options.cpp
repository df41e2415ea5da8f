#include "models/load_options.h"

namespace shimmy::models {

LoadOptions merged(const LoadOptions& asked, const LoadOptions& configured) {
  LoadOptions result = asked;
  const auto fill = [](auto& value, const auto& other) {
    if (!value) value = other;
  };
  fill(result.context_tokens, configured.context_tokens);
  fill(result.parallel, configured.parallel);
  fill(result.key_type, configured.key_type);
  fill(result.value_type, configured.value_type);
  fill(result.gpu_layers, configured.gpu_layers);
  fill(result.pinned, configured.pinned);
  fill(result.keep_alive, configured.keep_alive);
  return result;
}

}  // namespace shimmy::models
