// Decimal numbers between two bounds, as expressions of a grammar.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

namespace shimmy::grammar {

// No number that is written is longer: every reader of JSON still holds 15 digits exactly.
constexpr int kNumberDigits = 15;

// Integers from `least` to `most`; unbounded: as far as kNumberDigits reach, or as a bound that is
// further away needs. Requires: least <= most.
std::string integer_range(std::optional<std::int64_t> least, std::optional<std::int64_t> most);

struct NumberBound {
  double value = 0;
  bool exclusive = false;
};

// Numbers without an exponent, with at most kNumberDigits digits behind the point, or as many as
// the bounds have. Empty when there is none. Requires: finite bounds within ±1e15.
std::string number_range(const std::optional<NumberBound>& least,
                         const std::optional<NumberBound>& most);

}  // namespace shimmy::grammar
