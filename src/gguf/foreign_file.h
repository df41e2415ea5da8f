// Guesses what a file is that is not GGUF, so that the message can say so.
#pragma once

#include <cstddef>
#include <span>
#include <string_view>

namespace shimmy::gguf {

// "a JPEG image", …, with what to do where that helps; empty when nothing is recognised.
std::string_view foreign_kind(std::span<const std::byte> bytes);

}  // namespace shimmy::gguf
