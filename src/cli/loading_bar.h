// Shows on a terminal how far a model has been loaded.
#pragma once

#include <cstddef>
#include <string>

#include "cli/terminal.h"

namespace shimmy::cli {

// One line on `err`, redrawn in place and wiped by the destructor. Draws nothing where `err` is no
// terminal. One thread at a time.
class LoadingBar {
 public:
  LoadingBar(Terminal& terminal, std::string name);
  ~LoadingBar();
  LoadingBar(const LoadingBar&) = delete;
  LoadingBar& operator=(const LoadingBar&) = delete;

  void show(float done);  // 0 to 1

 private:
  Terminal& terminal_;
  const std::string name_;
  std::string drawn_;
};

// The line for one moment, at most `width` columns.
std::string loading_line(const std::string& name, float done, std::size_t width);

}  // namespace shimmy::cli
