// The texts of a vocabulary, as libllama tells tokens apart.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "gguf/value.h"

namespace shimmy::gguf {

// Each text up to its first NUL byte, where libllama ends it.
// Requires: an array of strings.
std::vector<std::string_view> token_texts(const Array& tokens);

// Two tokens with one text, in linear time. An empty text stands for "[EMPTY_<its number>]", the
// name that libllama gives it.
std::optional<std::pair<std::uint32_t, std::uint32_t>> find_duplicate(
    const std::vector<std::string_view>& texts);

}  // namespace shimmy::gguf
