#include "protocol/json/keep_alive.h"

#include <chrono>
#include <cmath>
#include <limits>
#include <string_view>
#include <utility>

#include "base/quantity.h"

namespace shimmy::protocol::json {
namespace {

constexpr std::string_view kKey = "keep_alive";
constexpr double kMost = std::numeric_limits<std::int32_t>::max();

std::optional<std::int64_t> seconds_of(std::string_view text, Fields& fields) {
  if (text == "forever") return -1;
  auto duration = base::parse_duration(text);
  if (!duration) {
    duration.error().param = kKey;
    duration.error().reason = "invalid_value";
    fields.fail(std::move(duration).error());
    return std::nullopt;
  }
  if (*duration < std::chrono::milliseconds(0)) return -1;
  return std::chrono::ceil<std::chrono::seconds>(*duration).count();
}

}  // namespace

std::optional<std::int64_t> decode_keep_alive(Fields& fields) {
  const boost::json::value* value = fields.find(kKey);
  if (value == nullptr) return std::nullopt;
  if (const auto* text = value->if_string()) return seconds_of(view(*text), fields);
  if (!value->is_number()) {
    fields.fail_type(kKey, "a number of seconds or a duration such as \"5m\"", *value);
    return std::nullopt;
  }
  const auto seconds = fields.decimal(kKey, std::numeric_limits<double>::lowest(), kMost);
  if (!seconds) return std::nullopt;
  return *seconds < 0 ? -1 : static_cast<std::int64_t>(std::ceil(*seconds));
}

}  // namespace shimmy::protocol::json
