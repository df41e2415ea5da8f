// Numbers as people write them: sizes, counts, durations.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/error.h"

namespace shimmy::base {

// Decimal units, one place.
std::string human_bytes(std::uint64_t bytes);  // "512 B", "98.2 MB", "2.1 GB"

std::string human_count(std::uint64_t count);  // "999", "134.5M", "7.2B"

// "4GB", "1.5 g", "512MiB", "1048576": bytes where there is no unit, thousands unless the unit has
// an i; letter case does not matter. Fails with InvalidRequest.
Result<std::uint64_t> parse_bytes(std::string_view text);

// The same, or a share such as "80%" (at most 100%) of `total_bytes`, or "auto": 0.
Result<std::uint64_t> parse_memory(std::string_view text, std::uint64_t total_bytes);

// "5m", "1h30m", "1.5s", "250ms", "90" (seconds), "-1": units are d, h, m, s and ms. Fails with
// InvalidRequest.
Result<std::chrono::milliseconds> parse_duration(std::string_view text);

// "0s", "250ms", "5m", "1h30m": what parse_duration reads.
std::string duration_text(std::chrono::milliseconds duration);

}  // namespace shimmy::base
