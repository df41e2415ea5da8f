// A bounds-checked walk over little-endian bytes that nobody has vouched for.
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <optional>
#include <span>
#include <string_view>
#include <type_traits>

namespace shimmy::gguf {

static_assert(std::endian::native == std::endian::little, "GGUF numbers are read in place");

// Views that it hands out point into the bytes it was given. A read that fails moves nothing.
class Cursor {
 public:
  explicit Cursor(std::span<const std::byte> bytes) : bytes_(bytes) {}

  std::size_t position() const { return position_; }
  std::size_t remaining() const { return bytes_.size() - position_; }

  // Empty when fewer bytes are left than T has.
  template <class T>
  std::optional<T> read() {
    static_assert(std::is_arithmetic_v<T>);
    if (remaining() < sizeof(T)) return std::nullopt;
    T value;
    std::memcpy(&value, bytes_.data() + position_, sizeof(T));
    position_ += sizeof(T);
    return value;
  }

  // The next `count` bytes; empty when fewer are left. Any 64-bit count is safe to ask for.
  std::optional<std::span<const std::byte>> take(std::uint64_t count);

  // A string as GGUF writes it, a 64-bit length and then the bytes; empty when it does not fit.
  std::optional<std::string_view> read_string();

 private:
  std::span<const std::byte> bytes_;
  std::size_t position_ = 0;
};

}  // namespace shimmy::gguf
