// Reads of single fields that say, when they fail, which field it was and what was wrong.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/error.h"
#include "gguf/cursor.h"

namespace shimmy::gguf {

// Names a field for messages; turned into text only when something is wrong with it.
struct Field {
  std::string_view what;   // "length", "type", …
  std::string_view owner;  // "key", "tensor"; empty for the fields of the file itself
  std::uint64_t index = 0;

  std::string text() const;  // "the type of key 3"
};

// The error for a field that needs more bytes than are left.
base::Error truncated(const Field& field, std::uint64_t needed_bytes, const Cursor& cursor);

template <class T>
base::Result<T> read_number(Cursor& cursor, const Field& field) {
  if (const auto number = cursor.read<T>()) return *number;
  return std::unexpected(truncated(field, sizeof(T), cursor));
}

base::Result<std::string_view> read_text(Cursor& cursor, const Field& field,
                                         std::uint64_t longest_bytes);

// A failed Result about the content of the file.
template <class... Args>
std::unexpected<base::Error> refuse(fmt::format_string<Args...> format, Args&&... args) {
  return base::fail(base::ErrorCode::ModelLoadFailed, format, std::forward<Args>(args)...);
}

}  // namespace shimmy::gguf
