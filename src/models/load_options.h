// What a load may ask for; what is empty follows the model's configuration, then the defaults.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>

#include "generation/cache_type.h"

namespace shimmy::models {

// How long a model stays in memory after its last request.
struct KeepAlive {
  // Empty: until its memory is needed for another. 0: not at all.
  std::optional<std::chrono::seconds> duration = std::chrono::minutes(5);

  friend bool operator==(const KeepAlive&, const KeepAlive&) = default;
};

struct LoadOptions {
  std::optional<std::size_t> context_tokens;  // the most that the context may grow to
  std::optional<std::size_t> parallel;        // requests decoded together
  std::optional<generation::CacheType> key_type;
  std::optional<generation::CacheType> value_type;
  std::optional<std::int32_t> gpu_layers;  // -1: all
  std::optional<bool> pinned;              // never evicted, and no keep_alive
  std::optional<KeepAlive> keep_alive;

  friend bool operator==(const LoadOptions&, const LoadOptions&) = default;
};

// What `asked` leaves open as `configured` has it.
LoadOptions merged(const LoadOptions& asked, const LoadOptions& configured);

}  // namespace shimmy::models
