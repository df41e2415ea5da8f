// Shows on a terminal how far a model has been loaded.
#pragma once

#include <cstddef>
#include <string>

#include "cli/status_line.h"

namespace shimmy::cli {

// On a StatusLine. One thread at a time.
class LoadingBar {
 public:
  LoadingBar(Terminal& terminal, std::string name);

  void show(float done);  // 0 to 1

 private:
  StatusLine line_;
  const std::string name_;
};

// The line for one moment, at most `width` columns.
std::string loading_line(const std::string& name, float done, std::size_t width);

}  // namespace shimmy::cli
