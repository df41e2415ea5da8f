// Where a chat's lines come from.
#pragma once

#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "cli/terminal.h"

namespace shimmy::cli {

struct Line {
  enum class Kind {
    Text,
    Interrupted,  // Ctrl-C instead of a line, or a stop
    Ended,        // Ctrl-D, or the end of the input
  };
  Kind kind = Kind::Ended;
  std::string text = {};  // without its newline
};

class LineSource {
 public:
  virtual ~LineSource() = default;

  // Shows the prompt and blocks for a line. `history`: earlier lines, for the arrow keys.
  virtual Line read(const std::string& prompt, const std::vector<std::string>& history,
                    std::stop_token stop) = 0;
};

// With an editor where the input is a terminal that has a descriptor, else plain lines. The
// terminal must outlive it.
std::unique_ptr<LineSource> line_source(Terminal& terminal);

}  // namespace shimmy::cli
