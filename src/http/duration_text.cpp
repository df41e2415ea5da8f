#include "http/duration_text.h"

#include <fmt/core.h>

#include <chrono>
#include <string>

namespace shimmy::http {

std::string duration_text(std::chrono::milliseconds span) {
  const auto total = span.count();
  if (total <= 0) return "0s";
  if (total < 1000) return fmt::format("{}ms", total);
  const auto hours = total / 3'600'000;
  const auto minutes = total / 60'000 % 60;
  std::string text;
  if (hours > 0) text += fmt::format("{}h", hours);
  if (total >= 60'000) text += fmt::format("{}m", minutes);
  text += fmt::format("{}", total / 1000 % 60);
  if (const auto rest = total % 1000; rest != 0) {
    std::string digits = fmt::format(".{:03}", rest);
    while (digits.back() == '0') digits.pop_back();
    text += digits;
  }
  return text + "s";
}

}  // namespace shimmy::http
