#include "pool/memory_forecast.h"

#include <fmt/core.h>

#include <algorithm>
#include <utility>

#include "base/quantity.h"
#include "models/model_files.h"

namespace shimmy::pool {
namespace {

using base::human_bytes;
using generation::EngineMemory;

constexpr const char* kReason = "insufficient_memory";

base::Error refusal(std::string message) {
  return {base::ErrorCode::ModelLoadFailed, std::move(message), {}, {}, kReason};
}

std::string need(const std::string& name, const EngineMemory& memory, std::size_t context) {
  return fmt::format(
      "The model {} needs {} of memory with a context of {} tokens ({} for weights, {} for the "
      "context, {} to compute)",
      name, human_bytes(memory.total()), context, human_bytes(memory.weights),
      human_bytes(memory.kv_cache), human_bytes(memory.compute));
}

MemoryForecast forecast_of(const MemoryShape& shape, MemoryPlan plan, std::size_t usual_limit,
                           const models::LoadOptions& options) {
  plan.sequences = options.parallel.value_or(plan.sequences);
  plan.key_type = options.key_type.value_or(plan.key_type);
  plan.value_type = options.value_type.value_or(plan.value_type);
  MemoryForecast forecast;
  forecast.is_limit_asked = options.context_tokens.has_value() || usual_limit > 0;
  if (usual_limit == 0) usual_limit = shape.trained_context_tokens;
  if (usual_limit == 0) usual_limit = plan.context_tokens;  // a file that does not say
  forecast.context_limit = options.context_tokens.value_or(usual_limit);
  forecast.first_context = std::min(plan.context_tokens, forecast.context_limit);
  plan.context_tokens = forecast.context_limit;
  forecast.longest = estimate(shape, plan);
  plan.context_tokens = forecast.first_context;
  forecast.first = estimate(shape, plan);
  forecast.largest_context = [shape, plan, most = forecast.context_limit](std::uint64_t bytes) {
    return largest_context(shape, plan, bytes, most);
  };
  return forecast;
}

}  // namespace

MemoryForecaster gguf_forecaster(const MemoryPlan& plan, std::size_t context_limit,
                                 PackedBytes packed_bytes) {
  return [plan, context_limit, packed_bytes = std::move(packed_bytes)](
             const models::ModelEntry& entry,
             const models::LoadOptions& options) -> base::Result<MemoryForecast> {
    const auto shape = read_memory_shape(models::files_of(entry), packed_bytes);
    if (!shape) return std::unexpected(shape.error());
    return forecast_of(*shape, plan, context_limit, options);
  };
}

base::Result<void> check_fits(const std::string& name, const MemoryForecast& forecast,
                              std::uint64_t total) {
  if (forecast.first.total() > total) {
    return std::unexpected(refusal(fmt::format(
        "{}, but models may take {} in all: no context would fit. Use a smaller quantisation or "
        "model, or allow more with --memory.",
        need(name, forecast.first, forecast.first_context), human_bytes(total))));
  }
  if (!forecast.is_limit_asked || forecast.longest.total() <= total) return {};
  const std::size_t fits = forecast.largest_context ? forecast.largest_context(total) : 0;
  return std::unexpected(refusal(fmt::format(
      "{}, but models may take {} in all: the largest context that would fit is {} tokens. Ask for "
      "that, take a smaller type for the cache, or allow more with --memory.",
      need(name, forecast.longest, forecast.context_limit), human_bytes(total), fits)));
}

base::Error no_room(const std::string& name, const MemoryForecast& forecast, std::uint64_t total,
                    std::uint64_t kept) {
  return refusal(fmt::format(
      "{}, but of the {} that models may take, {} are held by pinned models: unpin or unload one, "
      "or allow more with --memory.",
      need(name, forecast.first, forecast.first_context), human_bytes(total), human_bytes(kept)));
}

}  // namespace shimmy::pool
