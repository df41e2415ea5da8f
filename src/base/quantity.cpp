#include "base/quantity.h"

#include <fmt/core.h>

#include <array>
#include <cstddef>
#include <string_view>

namespace shimmy::base {
namespace {

// `units` by factors of a thousand; the first is for numbers that stay whole.
std::string scaled(std::uint64_t number, const std::array<std::string_view, 5>& units) {
  auto value = static_cast<double>(number);
  std::size_t unit = 0;
  // From 999.95 on one place would round up to 1000.0.
  for (; value >= 999.95 && unit + 1 < units.size(); ++unit) value /= 1000;
  return unit == 0 ? fmt::format("{}{}", number, units[0])
                   : fmt::format("{:.1f}{}", value, units.at(unit));
}

}  // namespace

std::string human_bytes(std::uint64_t bytes) {
  return scaled(bytes, {" B", " kB", " MB", " GB", " TB"});
}

std::string human_count(std::uint64_t count) { return scaled(count, {"", "K", "M", "B", "T"}); }

}  // namespace shimmy::base
