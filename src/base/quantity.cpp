#include "base/quantity.h"

#include <fmt/core.h>

#include <array>
#include <charconv>
#include <cmath>
#include <cstddef>
#include <optional>
#include <string_view>
#include <utility>

namespace shimmy::base {
namespace {

using std::chrono::milliseconds;

struct Unit {
  std::string_view name;  // in small letters
  double factor;
};

constexpr std::array kSizes{Unit{"", 1},         Unit{"b", 1},        Unit{"k", 1e3},
                            Unit{"kb", 1e3},     Unit{"ki", 0x1p10},  Unit{"kib", 0x1p10},
                            Unit{"m", 1e6},      Unit{"mb", 1e6},     Unit{"mi", 0x1p20},
                            Unit{"mib", 0x1p20}, Unit{"g", 1e9},      Unit{"gb", 1e9},
                            Unit{"gi", 0x1p30},  Unit{"gib", 0x1p30}, Unit{"t", 1e12},
                            Unit{"tb", 1e12},    Unit{"ti", 0x1p40},  Unit{"tib", 0x1p40}};
// The longest first: duration_text() counts down in this order.
constexpr std::array kTimes{Unit{"d", 86'400'000}, Unit{"h", 3'600'000}, Unit{"m", 60'000},
                            Unit{"s", 1000}, Unit{"ms", 1}};
// Beyond these a double has no place for single bytes and milliseconds.
constexpr double kMost = 0x1p53;

// `units` by factors of a thousand; the first is for numbers that stay whole.
std::string scaled(std::uint64_t number, const std::array<std::string_view, 5>& units) {
  auto value = static_cast<double>(number);
  std::size_t unit = 0;
  // From 999.95 on one place would round up to 1000.0.
  for (; value >= 999.95 && unit + 1 < units.size(); ++unit) value /= 1000;
  return unit == 0 ? fmt::format("{}{}", number, units[0])
                   : fmt::format("{:.1f}{}", value, units.at(unit));
}

bool is_digit(char letter) { return letter >= '0' && letter <= '9'; }

std::string_view trimmed(std::string_view text) {
  const std::size_t begin = text.find_first_not_of(" \t");
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(" \t") + 1 - begin);
}

// Takes a number without sign or exponent off the front.
std::optional<double> take_number(std::string_view& text) {
  if (text.empty() || !(is_digit(text[0]) || text[0] == '.')) return std::nullopt;
  double value = 0;
  const auto [end, error] =
      std::from_chars(text.data(), text.data() + text.size(), value, std::chars_format::fixed);
  if (error != std::errc()) return std::nullopt;
  text.remove_prefix(static_cast<std::size_t>(end - text.data()));
  return value;
}

// Takes the unit off the front: all up to the next number.
std::string take_unit(std::string_view& text) {
  std::string unit;
  while (!text.empty() && !is_digit(text[0]) && text[0] != '.') {
    const char letter = text[0];
    if (letter != ' ') {
      unit += letter >= 'A' && letter <= 'Z' ? static_cast<char>(letter - 'A' + 'a') : letter;
    }
    text.remove_prefix(1);
  }
  return unit;
}

template <std::size_t kCount>
std::optional<double> factor_of(const std::array<Unit, kCount>& units, std::string_view name) {
  for (const Unit& unit : units) {
    if (unit.name == name) return unit.factor;
  }
  return std::nullopt;
}

std::optional<double> duration_of(std::string_view text) {
  double total = 0;
  for (bool is_first = true; is_first || !text.empty(); is_first = false) {
    const auto number = take_number(text);
    const std::string unit = take_unit(text);
    const bool is_plain = is_first && unit.empty() && text.empty();
    const auto factor = is_plain ? 1000 : factor_of(kTimes, unit);
    if (!number || !factor) return std::nullopt;
    total += *number * *factor;
  }
  return total;
}

}  // namespace

std::string human_bytes(std::uint64_t bytes) {
  return scaled(bytes, {" B", " kB", " MB", " GB", " TB"});
}

std::string human_count(std::uint64_t count) { return scaled(count, {"", "K", "M", "B", "T"}); }

Result<std::uint64_t> parse_bytes(std::string_view text) {
  std::string_view rest = trimmed(text);
  const auto number = take_number(rest);
  const std::string unit = take_unit(rest);
  const auto factor = factor_of(kSizes, unit);
  if (!number || !factor || !rest.empty()) {
    return fail(ErrorCode::InvalidRequest, "\"{}\" is not a size: write one such as 4GB or 512MiB.",
                text);
  }
  const double bytes = std::round(*number * *factor);
  if (bytes > kMost) {
    return fail(ErrorCode::InvalidRequest, "\"{}\" is more than any machine has.", text);
  }
  return static_cast<std::uint64_t>(bytes);
}

Result<std::uint64_t> parse_memory(std::string_view text, std::uint64_t total_bytes) {
  std::string_view rest = trimmed(text);
  if (rest == "auto") return 0;
  if (!rest.ends_with('%')) return parse_bytes(text);
  const auto share = take_number(rest);
  if (!share || trimmed(rest) != "%" || *share <= 0 || *share > 100) {
    return fail(ErrorCode::InvalidRequest,
                "\"{}\" is not a share of the memory: write one from 1% to 100%.", text);
  }
  return static_cast<std::uint64_t>(static_cast<double>(total_bytes) * *share / 100);
}

Result<milliseconds> parse_duration(std::string_view text) {
  std::string_view rest = trimmed(text);
  const bool is_negative = rest.starts_with('-');
  if (is_negative) rest.remove_prefix(1);
  const auto total = duration_of(rest);
  if (!total) {
    return fail(ErrorCode::InvalidRequest,
                "\"{}\" is not a duration: write one such as 90s, 5m or 1h30m.", text);
  }
  if (*total > kMost) {
    return fail(ErrorCode::InvalidRequest, "\"{}\" is longer than can be counted.", text);
  }
  const auto count = static_cast<std::int64_t>(std::round(*total));
  return milliseconds(is_negative ? -count : count);
}

std::string duration_text(milliseconds duration) {
  std::int64_t rest = duration.count();
  if (rest == 0) return "0s";
  std::string text = rest < 0 ? "-" : "";
  rest = std::abs(rest);
  for (const Unit& unit : kTimes) {
    const auto factor = static_cast<std::int64_t>(unit.factor);
    if (rest >= factor) text += fmt::format("{}{}", rest / factor, unit.name);
    rest %= factor;
  }
  return text;
}

}  // namespace shimmy::base
