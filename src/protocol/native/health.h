// The answers of GET /api/health and GET /api/version.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace shimmy::protocol::native {

struct Health {
  std::string_view status;  // "healthy" or "ok" by endpoint, "unavailable" while not ready
  std::size_t models_loaded = 0;
  std::uint64_t memory_bytes = 0;  // resident set of the server
  std::int64_t uptime_seconds = 0;
  std::string_view version;
};

std::string encode_health(const Health& health);

// The answer of GET /api/version.
std::string encode_version(std::string_view version);

}  // namespace shimmy::protocol::native
