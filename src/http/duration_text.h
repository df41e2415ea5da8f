// Spans of time as headers spell them.
#pragma once

#include <chrono>
#include <string>

namespace shimmy::http {

// As Go prints durations: "20ms", "1.5s", "6m0s", "1h0m0.25s"; "0s" for none and less.
std::string duration_text(std::chrono::milliseconds span);

}  // namespace shimmy::http
