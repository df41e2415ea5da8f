#include "gguf/value.h"

#include <array>
#include <cstring>

namespace shimmy::gguf {
namespace {

struct TypeFacts {
  std::string_view name;
  std::size_t bytes;
};

constexpr std::array<TypeFacts, kValueTypes> kFacts{{{"uint8", 1},
                                                     {"int8", 1},
                                                     {"uint16", 2},
                                                     {"int16", 2},
                                                     {"uint32", 4},
                                                     {"int32", 4},
                                                     {"float32", 4},
                                                     {"bool", 1},
                                                     {"string", 0},
                                                     {"array", 0},
                                                     {"uint64", 8},
                                                     {"int64", 8},
                                                     {"float64", 8}}};

const TypeFacts& facts(ValueType type) { return kFacts.at(static_cast<std::size_t>(type)); }

}  // namespace

std::string_view name(ValueType type) { return facts(type).name; }
std::size_t fixed_bytes(ValueType type) { return facts(type).bytes; }

std::optional<std::uint64_t> Value::as_unsigned() const {
  if (const auto* number = std::get_if<std::uint64_t>(&content)) return *number;
  const auto* number = std::get_if<std::int64_t>(&content);
  if (number == nullptr || *number < 0) return std::nullopt;
  return static_cast<std::uint64_t>(*number);
}

std::optional<std::string_view> Value::as_string() const {
  const auto* text = std::get_if<std::string_view>(&content);
  return text == nullptr ? std::nullopt : std::optional(*text);
}

std::optional<bool> Value::as_bool() const {
  const auto* flag = std::get_if<bool>(&content);
  return flag == nullptr ? std::nullopt : std::optional(*flag);
}

const Array* Value::as_array() const { return std::get_if<Array>(&content); }

std::uint32_t element_u32(const Array& array, std::uint64_t index) {
  const auto bytes = array.bytes.subspan(static_cast<std::size_t>(index) * sizeof(std::uint32_t),
                                         sizeof(std::uint32_t));
  std::uint32_t element = 0;
  std::memcpy(&element, bytes.data(), sizeof element);
  return element;
}

}  // namespace shimmy::gguf
