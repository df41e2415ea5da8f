#include "gguf/field.h"

namespace shimmy::gguf {

std::string Field::text() const {
  return owner.empty() ? fmt::format("the {}", what)
                       : fmt::format("the {} of {} {}", what, owner, index);
}

base::Error truncated(const Field& field, std::uint64_t needed_bytes, const Cursor& cursor) {
  return {base::ErrorCode::ModelLoadFailed,
          fmt::format("{} at byte {} needs {} bytes, but the file ends after {}: it is cut short "
                      "or damaged, get it again",
                      field.text(), cursor.position(), needed_bytes, cursor.remaining()),
          {},
          {}};
}

base::Result<std::string_view> read_text(Cursor& cursor, const Field& field,
                                         std::uint64_t longest_bytes) {
  Cursor ahead = cursor;
  const auto length = read_number<std::uint64_t>(ahead, field);
  if (!length) return std::unexpected(length.error());
  if (*length > longest_bytes) {
    return refuse("{} at byte {} is {} bytes long, but at most {} are allowed", field.text(),
                  cursor.position(), *length, longest_bytes);
  }
  const auto text = cursor.read_string();
  if (!text) return std::unexpected(truncated(field, *length, ahead));
  return *text;
}

}  // namespace shimmy::gguf
