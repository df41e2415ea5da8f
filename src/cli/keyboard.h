// The keys of a terminal, one by one.
#pragma once

#include <termios.h>

#include <optional>
#include <stop_token>
#include <string>

namespace shimmy::cli {

// While it lives the terminal hands over each key at once and shows none of them; Ctrl-C is a key
// like any other. The destructor restores what was before.
class Keyboard {
 public:
  explicit Keyboard(int terminal);
  ~Keyboard();
  Keyboard(const Keyboard&) = delete;
  Keyboard& operator=(const Keyboard&) = delete;

  // Blocks for the next bytes. Empty where no more will come, and when `stop` is requested.
  std::optional<std::string> read(const std::stop_token& stop);

 private:
  const int terminal_;
  int woken_;  // an eventfd: a stop was requested
  termios before_{};
};

}  // namespace shimmy::cli
