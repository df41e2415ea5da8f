// The keys and values at the head of a GGUF file.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/error.h"
#include "gguf/cursor.h"
#include "gguf/value.h"

namespace shimmy::gguf {

struct Entry {
  std::string_view key;
  Value value;
};

// Keys and values point into the bytes they were read from.
class Metadata {
 public:
  // Reads `count` entries. Refuses what the format forbids, a key that comes twice, and counts
  // that cannot fit into the bytes left, before memory is spent on them.
  static base::Result<Metadata> parse(Cursor& cursor, std::uint64_t count);

  const std::vector<Entry>& entries() const { return entries_; }  // in the file's order
  const Value* find(std::string_view key) const;                  // null: no such key

  // Empty where the key is missing or its value is of another kind.
  std::optional<std::uint64_t> unsigned_at(std::string_view key) const;
  std::optional<std::string_view> string_at(std::string_view key) const;
  std::optional<bool> bool_at(std::string_view key) const;
  const Array* array_at(std::string_view key) const;

 private:
  std::vector<Entry> entries_;
  std::unordered_map<std::string_view, std::size_t> index_;  // key -> place in entries_
};

}  // namespace shimmy::gguf
