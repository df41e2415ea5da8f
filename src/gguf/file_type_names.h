// What the number in general.file_type stands for.
#pragma once

#include <cstdint>
#include <string_view>

namespace shimmy::gguf {

// "Q4_1", "Q4_K_M", …; empty for a number that is not known.
std::string_view file_type_name(std::uint64_t number);

}  // namespace shimmy::gguf
