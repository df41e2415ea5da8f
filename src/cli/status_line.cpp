#include "cli/status_line.h"

#include "cli/text_width.h"

namespace shimmy::cli {

// The last column stays free: a character there makes some terminals wrap.
std::size_t StatusLine::width() const { return terminal_.width == 0 ? 79 : terminal_.width - 1; }

void StatusLine::show(const std::string& text) {
  if (!terminal_.err_is_tty) return;
  std::string line = elide(text, width());
  if (line == drawn_) return;
  const std::size_t before = columns(drawn_);
  const std::size_t now = columns(line);
  terminal_.err << '\r' << line << std::string(before > now ? before - now : 0, ' ') << std::flush;
  drawn_ = std::move(line);
}

void StatusLine::wipe() {
  if (drawn_.empty()) return;
  terminal_.err << '\r' << std::string(columns(drawn_), ' ') << '\r' << std::flush;
  drawn_.clear();
}

}  // namespace shimmy::cli
