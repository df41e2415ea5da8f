#include "app/memory_settings.h"

#include "app/kernel_use.h"
#include "base/machine.h"
#include "pool/memory_budget.h"

namespace shimmy::app {

std::uint64_t budget_bytes(const ServeOptions& options) {
  if (options.memory_budget_bytes > 0) return options.memory_budget_bytes;
  return pool::default_budget_bytes(base::machine_memory(), base::resident_bytes());
}

pool::MemoryForecaster memory_forecaster(const ServeOptions& options) {
  pool::MemoryPlan plan;
  plan.mmap = options.engine.mmap;
  if (options.engine.parallel > 0) plan.sequences = options.engine.parallel;
  return pool::gguf_forecaster(plan, options.engine.context_tokens,
                               packed_weights(options.engine.kernels));
}

}  // namespace shimmy::app
