// What a request gets where it says nothing.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "generation/request.h"

namespace shimmy::protocol {

struct RequestDefaults {
  generation::Sampling sampling;
  std::optional<std::int32_t> max_tokens;  // empty: the endpoint's own
  std::vector<std::string> stop;           // beside those of the request
};

}  // namespace shimmy::protocol
