#include "protocol/native/health.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/quantity.h"
#include "protocol/json/text.h"

namespace shimmy::protocol::native {

std::string encode_health(const Health& health) {
  std::string memory = base::human_bytes(health.memory_bytes);
  std::erase(memory, ' ');  // "2.1GB" is the documented form
  return fmt::format(R"({{"status":{},"models_loaded":{},"memory_usage":{},"memory_bytes":{},)"
                     R"("uptime_seconds":{},"service":"shimmy","version":{}}})",
                     json::quoted(health.status), health.models_loaded, json::quoted(memory),
                     health.memory_bytes, health.uptime_seconds, json::quoted(health.version));
}

std::string encode_version(std::string_view version) {
  return fmt::format(R"({{"version":{},"service":"shimmy"}})", json::quoted(version));
}

}  // namespace shimmy::protocol::native
