#include "cli/question.h"

#include <istream>

namespace shimmy::cli {

bool can_ask(const Terminal& terminal) { return terminal.in_is_tty && terminal.err_is_tty; }

base::Result<std::string> ask(Terminal& terminal, const std::string& text) {
  terminal.err << text << std::flush;
  std::string line;
  if (!std::getline(terminal.in, line)) {
    terminal.err << '\n';
    return base::fail(base::ErrorCode::Cancelled, "There was no answer, so nothing was done.");
  }
  const std::size_t begin = line.find_first_not_of(" \t\r");
  if (begin == std::string::npos) return std::string();
  return line.substr(begin, line.find_last_not_of(" \t\r") - begin + 1);
}

}  // namespace shimmy::cli
