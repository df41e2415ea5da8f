// One metadata value of a GGUF file, without a copy of its text or elements.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <variant>

#include "gguf/cursor.h"

namespace shimmy::gguf {

// The numbers are the file's.
enum class ValueType : std::uint32_t {
  Uint8,
  Int8,
  Uint16,
  Int16,
  Uint32,
  Int32,
  Float32,
  Bool,
  String,
  Array,
  Uint64,
  Int64,
  Float64,
};
constexpr std::uint32_t kValueTypes = 13;

// "uint8", "string", …
std::string_view name(ValueType type);

// Bytes of one value; 0 for strings and arrays, whose size is their own.
std::size_t fixed_bytes(ValueType type);

// Elements that were checked to lie within the file but stay there.
struct Array {
  ValueType element = ValueType::Uint8;
  std::uint64_t count = 0;
  std::span<const std::byte> bytes;  // of all elements, strings with their lengths
};

struct Value {
  ValueType type = ValueType::Uint8;
  std::variant<std::uint64_t, std::int64_t, double, bool, std::string_view, Array> content;

  // Any integer type whose value is not negative.
  std::optional<std::uint64_t> as_unsigned() const;
  std::optional<std::string_view> as_string() const;
  std::optional<bool> as_bool() const;
  const Array* as_array() const;  // null: not an array
};

// Element `index` of an array of 32-bit integers; signed ones come as they are stored.
// Requires: index < array.count and an element type of 4 bytes.
std::uint32_t element_u32(const Array& array, std::uint64_t index);

// Calls visit(std::string_view) for each element of an array of strings.
template <class Visit>
void for_each_string(const Array& array, Visit visit) {
  Cursor cursor(array.bytes);
  for (std::uint64_t i = 0; i < array.count; ++i) {
    const auto text = cursor.read_string();
    if (!text) return;
    visit(*text);
  }
}

}  // namespace shimmy::gguf
