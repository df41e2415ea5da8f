// Which part of a file an answer brings.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "transfer/http_client.h"

namespace shimmy::pull {

// "bytes 5-9/10": from 5 on, of 10.
struct ContentRange {
  std::uint64_t first = 0;
  std::uint64_t total = 0;  // 0: not said
};

// Empty where there is none, or it cannot be understood.
std::optional<ContentRange> content_range(const transfer::ResponseHead& head);

// What says that the file is still the same one: a strong ETag, else the date of its last change.
// Empty: nothing does.
std::string_view validator_of(const transfer::ResponseHead& head);

}  // namespace shimmy::pull
