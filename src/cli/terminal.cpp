#include "cli/terminal.h"

#include <fcntl.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <cerrno>
#include <charconv>
#include <cstdlib>
#include <cstring>
#include <iostream>
#include <sstream>

#include "base/escape.h"

namespace shimmy::cli {
namespace {

std::size_t terminal_width() {
  if (const char* columns = std::getenv("COLUMNS")) {
    std::size_t width = 0;
    const auto [end, error] = std::from_chars(columns, columns + std::strlen(columns), width);
    if (error == std::errc() && *end == '\0' && width > 0) return width;
  }
  for (const int descriptor : {STDOUT_FILENO, STDERR_FILENO}) {
    winsize size{};
    if (ioctl(descriptor, TIOCGWINSZ, &size) == 0 && size.ws_col > 0) return size.ws_col;
  }
  return 80;
}

// The next file to be opened would get the number of one that is closed, and with it our output.
void occupy_closed_descriptors() {
  int descriptor = 0;
  do {
    // For reading only, so that writes to it fail as they would have.
    descriptor = open("/dev/null", O_RDONLY);
  } while (descriptor >= 0 && descriptor <= STDERR_FILENO);
  if (descriptor >= 0) close(descriptor);
}

}  // namespace

Terminal standard_terminal() {
  occupy_closed_descriptors();
  Terminal terminal{std::cin, std::cout, std::cerr};
  terminal.in_is_tty = isatty(STDIN_FILENO) == 1;
  terminal.in_descriptor = STDIN_FILENO;
  terminal.out_is_tty = isatty(STDOUT_FILENO) == 1;
  terminal.err_is_tty = isatty(STDERR_FILENO) == 1;
  if (terminal.out_is_tty || terminal.err_is_tty) terminal.width = terminal_width();
  return terminal;
}

WriteResult write_out(Terminal& terminal, std::string_view text) {
  errno = 0;
  terminal.out << text << std::flush;
  if (terminal.out.good()) return WriteResult::Written;
  return errno == EPIPE ? WriteResult::Closed : WriteResult::Failed;
}

int finish(Terminal& terminal, std::string_view text) {
  if (write_out(terminal, text) != WriteResult::Failed) return 0;
  const char* reason = errno != 0 ? std::strerror(errno) : "unknown reason";
  terminal.err << "shimmy: cannot write the output: " << reason << ".\n";
  return 1;
}

void print_error(Terminal& terminal, const base::Error& error) {
  terminal.err << "shimmy: " << base::escape_control(error.message) << '\n';
  std::istringstream details(error.details);
  for (std::string line; std::getline(details, line);) {
    terminal.err << "  " << base::escape_control(line) << '\n';
  }
  terminal.err.flush();
}

int exit_code(const base::Error& error) {
  switch (error.code) {
    case base::ErrorCode::InvalidRequest:
    case base::ErrorCode::ModelNotFound: return 2;
    case base::ErrorCode::Cancelled: return 130;
    case base::ErrorCode::ContextOverflow:
    case base::ErrorCode::Overloaded:
    case base::ErrorCode::Unavailable:
    case base::ErrorCode::DeadlineExceeded:
    case base::ErrorCode::ModelLoadFailed:
    case base::ErrorCode::GenerationFailed:
    case base::ErrorCode::Io:
    case base::ErrorCode::Internal: return 1;
  }
  return 1;
}

}  // namespace shimmy::cli
