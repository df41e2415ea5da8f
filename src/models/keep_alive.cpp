#include "models/keep_alive.h"

#include <chrono>

#include "base/quantity.h"

namespace shimmy::models {

base::Result<KeepAlive> parse_keep_alive(std::string_view text) {
  if (text == "forever") return KeepAlive{std::nullopt};
  const auto duration = base::parse_duration(text);
  if (!duration) {
    return base::fail(
        base::ErrorCode::InvalidRequest,
        "\"{}\" does not say how long: write a duration such as 30s or 5m, 0 or forever.", text);
  }
  if (duration->count() < 0) return KeepAlive{std::nullopt};
  return KeepAlive{std::chrono::ceil<std::chrono::seconds>(*duration)};
}

std::string keep_alive_text(const KeepAlive& keep_alive) {
  return keep_alive.duration ? base::duration_text(*keep_alive.duration) : "forever";
}

}  // namespace shimmy::models
