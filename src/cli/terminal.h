// What a command reads from and writes to.
#pragma once

#include <cstddef>
#include <istream>
#include <ostream>
#include <string>
#include <string_view>

#include "base/error.h"

namespace shimmy::cli {

struct Terminal {
  std::istream& in;
  std::ostream& out;  // what the user asked for, and nothing else
  std::ostream& err;  // everything else
  bool in_is_tty = false;
  bool out_is_tty = false;
  bool err_is_tty = false;
  std::size_t width = 0;   // columns; 0: unlimited, as where out is no terminal
  int in_descriptor = -1;  // of `in`, to read single keys from; -1: there is none
};

// The standard streams of this process; those that are closed become /dev/null, so call it before
// anything is opened. The width is $COLUMNS, else the terminal's, else 80.
Terminal standard_terminal();

enum class WriteResult {
  Written,
  Closed,  // nobody reads any more: end quietly
  Failed,  // errno says why
};

// Writes to `out` and flushes it.
WriteResult write_out(Terminal& terminal, std::string_view text);

// write_out for a command's whole output: the exit code, with a message on `err` where it failed.
int finish(Terminal& terminal, std::string_view text);

// "shimmy: <message>" and the lines of its details, all other control characters escaped.
void print_error(Terminal& terminal, const base::Error& error);

// 2 for what the user got wrong (the input, the model's name), 130 for Cancelled, else 1.
int exit_code(const base::Error& error);

}  // namespace shimmy::cli
