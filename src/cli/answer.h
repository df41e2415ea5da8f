// What became of a generation, for people and for programs.
#pragma once

#include <cstddef>
#include <optional>
#include <string>

#include "base/error.h"
#include "generation/event.h"

namespace shimmy::cli {

struct Answer {
  std::string model;
  std::string text;
  std::optional<generation::FinishedEvent> finished;  // none: interrupted or failed
  std::optional<base::Error> error;
  generation::Usage usage;  // counted here where it did not finish
  double load_ms = 0;
};

// "stop", "length", "interrupted" or "error".
std::string finish_reason(const Answer& answer);

// One JSON object in one line.
std::string to_json(const Answer& answer);

// A few lines: counts, speeds, time to the first token and to load.
std::string stats_text(const Answer& answer);

// Tokens per second; 0 where nothing was measured.
double prefill_speed(const Answer& answer);
double decode_speed(const Answer& answer);

}  // namespace shimmy::cli
