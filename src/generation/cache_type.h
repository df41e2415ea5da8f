// How the keys and values of a KV cache are stored.
#pragma once

#include <array>
#include <optional>
#include <string_view>

namespace shimmy::generation {

// Q80 is ggml's Q8_0, and so on.
enum class CacheType { F32, F16, Bf16, Q80, Q51, Q50, Q41, Q40 };

// As users write them, in the order of CacheType.
constexpr std::array<std::string_view, 8> kCacheTypeNames{"f32",  "f16",  "bf16", "q8_0",
                                                          "q5_1", "q5_0", "q4_1", "q4_0"};

// Empty for a name that is none of kCacheTypeNames.
std::optional<CacheType> parse_cache_type(std::string_view name);

std::string_view name_of(CacheType type);

}  // namespace shimmy::generation
