#include "api/keep_alive.h"

#include <chrono>

namespace shimmy::api {

std::optional<models::KeepAlive> keep_alive_of(std::optional<std::int64_t> seconds) {
  if (!seconds) return std::nullopt;
  if (*seconds < 0) return models::KeepAlive{std::nullopt};
  return models::KeepAlive{std::chrono::seconds(*seconds)};
}

}  // namespace shimmy::api
