// What POST /api/models/{name}/load takes.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

#include "base/error.h"
#include "generation/cache_type.h"

namespace shimmy::protocol::native {

// Empty members follow the model's configuration.
struct LoadRequest {
  std::optional<std::size_t> context_tokens;        // "context", "ctx", or Ollama's "num_ctx"
  std::optional<std::size_t> parallel;              // "parallel"
  std::optional<generation::CacheType> key_type;    // "cache_type_k"
  std::optional<generation::CacheType> value_type;  // "cache_type_v"
  std::optional<std::int32_t> gpu_layers;           // "gpu_layers"; -1: all
  std::optional<bool> pinned;                       // "pin"
  std::optional<std::int64_t> keep_alive_seconds;  // "keep_alive"; -1: for as long as there is room
  bool stream = false;
};

// An empty body asks for nothing in particular. Wrong types and values are InvalidRequest and name
// the field.
base::Result<LoadRequest> decode_load_request(std::string_view body);

}  // namespace shimmy::protocol::native
