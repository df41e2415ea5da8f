#include "gguf/metadata.h"

#include <algorithm>

#include "gguf/field.h"
#include "gguf/text.h"
#include "gguf/value_parser.h"

namespace shimmy::gguf {
namespace {

constexpr std::uint64_t kLongestKey = 65535;
// libllama compares every key with every other: more would keep it busy for minutes.
constexpr std::uint64_t kMostKeys = 65536;
// A length, one byte of name, a type and one byte of value.
constexpr std::uint64_t kSmallestEntry = 8 + 1 + 4 + 1;

base::Result<std::string_view> parse_key(Cursor& cursor, std::uint64_t index) {
  const auto key = read_text(cursor, {"name", "key", index}, kLongestKey);
  if (!key) return key;
  if (key->empty()) return refuse("key {} has an empty name", index);
  if (!is_plain(*key)) {
    return refuse(
        "key {} is named {}: control characters and bytes that are not UTF-8 are not "
        "allowed",
        index, quoted(*key));
  }
  return key;
}

}  // namespace

base::Result<Metadata> Metadata::parse(Cursor& cursor, std::uint64_t count) {
  const std::uint64_t most = std::min(kMostKeys, cursor.remaining() / kSmallestEntry);
  if (count > most) {
    return refuse("the file claims {} keys, but {} are the most it can hold", count, most);
  }
  Metadata metadata;
  metadata.entries_.reserve(static_cast<std::size_t>(count));
  metadata.index_.reserve(static_cast<std::size_t>(count));
  for (std::uint64_t i = 0; i < count; ++i) {
    const auto key = parse_key(cursor, i);
    if (!key) return std::unexpected(key.error());
    const auto value = parse_value(cursor, *key, i);
    if (!value) return std::unexpected(value.error());
    const auto [first, is_new] = metadata.index_.try_emplace(*key, metadata.entries_.size());
    if (!is_new) {
      return refuse("keys {} and {} are both named {}", first->second, i, quoted(*key));
    }
    metadata.entries_.push_back({*key, *value});
  }
  return metadata;
}

const Value* Metadata::find(std::string_view key) const {
  const auto found = index_.find(key);
  return found == index_.end() ? nullptr : &entries_[found->second].value;
}

std::optional<std::uint64_t> Metadata::unsigned_at(std::string_view key) const {
  const Value* value = find(key);
  return value == nullptr ? std::nullopt : value->as_unsigned();
}

std::optional<std::string_view> Metadata::string_at(std::string_view key) const {
  const Value* value = find(key);
  return value == nullptr ? std::nullopt : value->as_string();
}

std::optional<bool> Metadata::bool_at(std::string_view key) const {
  const Value* value = find(key);
  return value == nullptr ? std::nullopt : value->as_bool();
}

const Array* Metadata::array_at(std::string_view key) const {
  const Value* value = find(key);
  return value == nullptr ? nullptr : value->as_array();
}

}  // namespace shimmy::gguf
