// What the reader makes of bytes that a test put together.
#pragma once

#include <span>
#include <string>

#include "gguf/header.h"
#include "support/gguf_writer.h"

namespace shimmy::gguf {

// The views in the result point into `bytes`.
inline base::Result<Header> parsed(const std::string& bytes) {
  return parse_header(std::as_bytes(std::span(bytes)), bytes.size());
}

// The message of the refusal; "accepted" when there is none.
inline std::string refusal(const std::string& bytes) {
  const auto header = parsed(bytes);
  return header ? "accepted" : header.error().message;
}

inline std::string refusal(const support::GgufWriter& writer) { return refusal(writer.bytes()); }

}  // namespace shimmy::gguf
