// Which weights of a model file our kernels will take, before the file is loaded.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

namespace shimmy::kernels {

// `type` and `sizes` as the file has them: the type's number, and the length of a row first.
bool is_taken(std::string_view name, std::uint32_t type, std::span<const std::uint64_t> sizes);

}  // namespace shimmy::kernels
