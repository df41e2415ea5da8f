// Large numbers as people write them: decimal units, one place.
#pragma once

#include <cstdint>
#include <string>

namespace shimmy::base {

std::string human_bytes(std::uint64_t bytes);  // "512 B", "98.2 MB", "2.1 GB"

std::string human_count(std::uint64_t count);  // "999", "134.5M", "7.2B"

}  // namespace shimmy::base
