#include "gguf/cursor.h"

namespace shimmy::gguf {

std::optional<std::span<const std::byte>> Cursor::take(std::uint64_t count) {
  if (count > remaining()) return std::nullopt;
  const auto taken = bytes_.subspan(position_, static_cast<std::size_t>(count));
  position_ += taken.size();
  return taken;
}

std::optional<std::string_view> Cursor::read_string() {
  const std::size_t start = position_;
  const auto length = read<std::uint64_t>();
  if (!length) return std::nullopt;
  const auto text = take(*length);
  if (!text) {
    position_ = start;
    return std::nullopt;
  }
  return std::string_view(reinterpret_cast<const char*>(text->data()), text->size());
}

}  // namespace shimmy::gguf
