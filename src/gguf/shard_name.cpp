#include "gguf/shard_name.h"

#include <fmt/core.h>

#include <algorithm>
#include <charconv>

namespace shimmy::gguf {
namespace {

constexpr std::size_t kDigits = 5;
constexpr std::string_view kOf = "-of-";

std::optional<std::uint32_t> number(std::string_view digits) {
  const bool all_digits = std::ranges::all_of(digits, [](char c) { return c >= '0' && c <= '9'; });
  if (digits.size() != kDigits || !all_digits) return std::nullopt;
  std::uint32_t value = 0;
  std::from_chars(digits.data(), digits.data() + digits.size(), value);
  return value;
}

}  // namespace

std::optional<ShardName> parse_shard_name(std::string_view stem) {
  constexpr std::size_t suffix = 1 + kDigits + kOf.size() + kDigits;
  if (stem.size() <= suffix) return std::nullopt;
  const std::string_view tail = stem.substr(stem.size() - suffix);
  if (tail.front() != '-' || tail.substr(1 + kDigits, kOf.size()) != kOf) return std::nullopt;
  const auto index = number(tail.substr(1, kDigits));
  const auto count = number(tail.substr(1 + kDigits + kOf.size()));
  if (!index || !count || *index == 0 || *index > *count) return std::nullopt;
  return ShardName{std::string(stem.substr(0, stem.size() - suffix)), *index, *count};
}

std::string shard_stem(const ShardName& shard, std::uint32_t number) {
  return fmt::format("{}-{:05}-of-{:05}", shard.base, number, shard.count);
}

}  // namespace shimmy::gguf
