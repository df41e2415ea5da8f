#include "gguf/value_parser.h"

#include <algorithm>

#include "gguf/field.h"
#include "gguf/text.h"

namespace shimmy::gguf {
namespace {

// libllama refuses what is larger.
constexpr std::uint64_t kLongestString = 1ULL << 30;
constexpr std::uint64_t kMostElements = 1ULL << 30;

struct Place {
  std::string_view key;
  std::uint64_t index;

  Field field(std::string_view what) const { return {what, "key", index}; }
};

base::Result<ValueType> parse_type(Cursor& cursor, const Place& place, std::string_view what) {
  const auto number = read_number<std::uint32_t>(cursor, place.field(what));
  if (!number) return std::unexpected(number.error());
  if (*number >= kValueTypes) {
    return refuse("key {} has the unknown {} {}: 0 to {} are defined", quoted(place.key), what,
                  *number, kValueTypes - 1);
  }
  return static_cast<ValueType>(*number);
}

// `Stored` is the type in the file, `Kept` the one that Value keeps it in.
template <class Stored, class Kept>
base::Result<Value> parse_number(Cursor& cursor, const Place& place, ValueType type) {
  const auto number = read_number<Stored>(cursor, place.field("value"));
  if (!number) return std::unexpected(number.error());
  return Value{type, Kept{*number}};
}

base::Result<Value> parse_bool(Cursor& cursor, const Place& place) {
  const auto byte = read_number<std::uint8_t>(cursor, place.field("value"));
  if (!byte) return std::unexpected(byte.error());
  if (*byte > 1) {
    return refuse("key {} is a bool of value {}: only 0 and 1 are allowed", quoted(place.key),
                  *byte);
  }
  return Value{ValueType::Bool, *byte == 1};
}

base::Result<void> skip_strings(Cursor& cursor, const Place& place, std::uint64_t count) {
  for (std::uint64_t i = 0; i < count; ++i) {
    if (cursor.read_string()) continue;
    const auto exact = read_text(cursor, {"text", "element", i}, kLongestString);
    return refuse("key {}: {}", quoted(place.key), exact.error().message);
  }
  return {};
}

base::Result<void> check_bools(std::span<const std::byte> bytes, const Place& place) {
  const auto wrong = std::ranges::find_if(bytes, [](std::byte b) { return b > std::byte{1}; });
  if (wrong == bytes.end()) return {};
  return refuse("key {} holds a bool of value {}: only 0 and 1 are allowed", quoted(place.key),
                std::to_integer<int>(*wrong));
}

base::Result<Value> parse_array(Cursor& cursor, const Place& place) {
  const auto element = parse_type(cursor, place, "element type");
  if (!element) return std::unexpected(element.error());
  if (*element == ValueType::Array) {
    return refuse("key {} is an array of arrays, which is not supported", quoted(place.key));
  }
  const auto count = read_number<std::uint64_t>(cursor, place.field("element count"));
  if (!count) return std::unexpected(count.error());
  const bool strings = *element == ValueType::String;
  const std::size_t smallest = strings ? sizeof(std::uint64_t) : fixed_bytes(*element);
  const std::uint64_t most = std::min<std::uint64_t>(kMostElements, cursor.remaining() / smallest);
  if (*count > most) {
    return refuse(
        "key {} claims {} elements of type {}, but the rest of the file holds at most {}: "
        "it is cut short or damaged, get it again",
        quoted(place.key), *count, name(*element), most);
  }
  Cursor start = cursor;
  if (strings) {
    if (auto skipped = skip_strings(cursor, place, *count); !skipped) {
      return std::unexpected(skipped.error());
    }
  } else {
    cursor.take(*count * smallest);
  }
  const auto bytes = *start.take(cursor.position() - start.position());
  if (*element == ValueType::Bool) {
    if (auto checked = check_bools(bytes, place); !checked) {
      return std::unexpected(checked.error());
    }
  }
  return Value{ValueType::Array, Array{*element, *count, bytes}};
}

base::Result<Value> parse_string(Cursor& cursor, const Place& place) {
  const auto text = read_text(cursor, place.field("value"), kLongestString);
  if (!text) return std::unexpected(text.error());
  return Value{ValueType::String, *text};
}

}  // namespace

base::Result<Value> parse_value(Cursor& cursor, std::string_view key, std::uint64_t index) {
  const Place place{key, index};
  const auto type = parse_type(cursor, place, "type");
  if (!type) return std::unexpected(type.error());
  using U = std::uint64_t;
  using I = std::int64_t;
  switch (*type) {
    case ValueType::Uint8: return parse_number<std::uint8_t, U>(cursor, place, *type);
    case ValueType::Int8: return parse_number<std::int8_t, I>(cursor, place, *type);
    case ValueType::Uint16: return parse_number<std::uint16_t, U>(cursor, place, *type);
    case ValueType::Int16: return parse_number<std::int16_t, I>(cursor, place, *type);
    case ValueType::Uint32: return parse_number<std::uint32_t, U>(cursor, place, *type);
    case ValueType::Int32: return parse_number<std::int32_t, I>(cursor, place, *type);
    case ValueType::Float32: return parse_number<float, double>(cursor, place, *type);
    case ValueType::Bool: return parse_bool(cursor, place);
    case ValueType::String: return parse_string(cursor, place);
    case ValueType::Array: return parse_array(cursor, place);
    case ValueType::Uint64: return parse_number<std::uint64_t, U>(cursor, place, *type);
    case ValueType::Int64: return parse_number<std::int64_t, I>(cursor, place, *type);
    case ValueType::Float64: return parse_number<double, double>(cursor, place, *type);
  }
  return refuse("key {} has an unknown type", quoted(key));
}

}  // namespace shimmy::gguf
