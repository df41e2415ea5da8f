// How one model stands: GET /api/models/{name}/status, and what loading and unloading answer.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace shimmy::protocol::native {

struct StatusCard {
  std::string name;
  std::string_view state;  // "unloaded", "queued", "loading", "ready", "draining", "failed"
  bool is_loaded = false;  // it answers requests, or finishes them
  double progress = 0;     // 0 to 1
  std::string reason;      // of a failed load
  std::uint64_t weights_bytes = 0;
  std::uint64_t kv_cache_bytes = 0;
  std::uint64_t compute_bytes = 0;
  std::size_t active = 0;  // requests that run
  std::size_t queued = 0;  // that wait: for the load, or for a place
  std::size_t context_tokens = 0;
  std::size_t context_limit = 0;
  std::size_t context_used = 0;
  std::optional<std::int64_t> last_used;           // Unix seconds
  std::optional<std::int64_t> keep_alive_seconds;  // empty: until its memory is needed
  bool pinned = false;
  std::vector<std::string> shares_with;  // models that use the same memory
  double prefill_tokens_per_second = 0;
  double decode_tokens_per_second = 0;
};

// {"name", "state", …}
std::string encode_status(const StatusCard& card);

// The same, with "message" and "status": "success" in front.
std::string encode_outcome(std::string_view message, const StatusCard& card);

// How far a load is, 0 to 1.
std::string encode_progress(std::string_view state, double progress);

// As a server-sent event.
std::string encode_event(std::string_view json);
inline constexpr std::string_view kLastEvent = "data: [DONE]\n\n";

}  // namespace shimmy::protocol::native
