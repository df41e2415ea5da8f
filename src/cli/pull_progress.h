// Shows how far a pull is.
#pragma once

#include <chrono>
#include <cstddef>
#include <string>
#include <vector>

#include "base/clock.h"
#include "cli/terminal.h"
#include "pull/event.h"
#include "pull/plan.h"

namespace shimmy::cli {

// On a terminal one line a file, redrawn in place; else a plain line every few seconds. One thread
// at a time.
class PullProgress {
 public:
  PullProgress(Terminal& terminal, const pull::Plan& plan, const base::Clock& clock);

  void show(const pull::Event& event);

  // Bytes of all files that are there now, as far as events told.
  std::uint64_t bytes_there() const;

 private:
  struct Line {
    std::string name;
    pull::Downloading at;
    std::string note;  // in place of numbers; empty: none
    bool is_shown = false;
    base::Clock::time_point told{};
  };

  void update(const pull::Event& event);
  void draw();
  void tell(std::size_t file, bool is_urgent);

  Terminal& terminal_;
  const base::Clock& clock_;
  std::vector<Line> lines_;
  std::size_t drawn_ = 0;  // lines on the terminal
};

// "0:07", "12:34", "1:02:03".
std::string clock_time(std::chrono::seconds span);

// One moment of one file: with a bar where `width` is not 0, and then in at most that many columns.
std::string pull_line(const std::string& name, const pull::Downloading& at, std::size_t width);

}  // namespace shimmy::cli
