// How the models of a running server stand, as it tells.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"

namespace shimmy::app {

struct ServedStatus {
  std::string name;
  std::string state;    // "unloaded", "queued", "loading", "ready", "draining", "failed"
  double progress = 0;  // 0 to 1, of "loading"
  std::string reason;   // of "failed"
  std::uint64_t weights_bytes = 0;
  std::uint64_t kv_cache_bytes = 0;
  std::uint64_t compute_bytes = 0;
  std::uint64_t total_bytes = 0;
  std::size_t active_requests = 0;
  std::size_t queued_requests = 0;
  std::size_t context_tokens = 0;  // there is room for so many now
  std::size_t context_limit = 0;   // and may be for so many
  std::size_t context_used = 0;
  std::optional<std::int64_t> last_used;     // Unix seconds
  std::optional<double> keep_alive_seconds;  // empty: until its memory is needed
  bool is_pinned = false;
  std::vector<std::string> shares_with;  // models that use the same memory
  double prefill_speed = 0;              // tokens a second; 0: not measured
  double decode_speed = 0;
};

// The body of GET /api/models. Fails with Unavailable where it is something else.
base::Result<std::vector<ServedStatus>> parse_served_models(std::string_view body);

// The body of GET …/status, POST …/load and …/unload.
base::Result<ServedStatus> parse_served_status(std::string_view body);

}  // namespace shimmy::app
