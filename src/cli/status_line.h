// One line on a terminal that tells what is going on.
#pragma once

#include <string>

#include "cli/terminal.h"

namespace shimmy::cli {

// On `err`, redrawn in place and wiped by the destructor. Draws nothing where `err` is no terminal.
// One thread at a time.
class StatusLine {
 public:
  explicit StatusLine(Terminal& terminal) : terminal_(terminal) {}
  ~StatusLine() { wipe(); }
  StatusLine(const StatusLine&) = delete;
  StatusLine& operator=(const StatusLine&) = delete;

  void show(const std::string& text);  // cut where there is no room

  std::size_t width() const;  // that a text may have

 private:
  void wipe();

  Terminal& terminal_;
  std::string drawn_;
};

}  // namespace shimmy::cli
