// JSON as people like to read it in a terminal.
#pragma once

#include <boost/json/fwd.hpp>
#include <string>

namespace shimmy::cli {

// One line with a newline at its end. Fractions have at most three decimals: Boost writes 12.5
// as 1.25E1.
std::string json_text(const boost::json::value& value);

}  // namespace shimmy::cli
