#include "cli/loading_bar.h"

#include <fmt/core.h>

#include <algorithm>
#include <utility>

#include "base/escape.h"
#include "cli/text_width.h"

namespace shimmy::cli {

std::string loading_line(const std::string& name, float done, std::size_t width) {
  constexpr std::size_t bar_width = 20;
  done = std::clamp(done, 0.0F, 1.0F);
  const std::string percent = fmt::format(" {:3.0f}%", static_cast<double>(done) * 100);
  const std::string label = "Loading " + base::escape_control(name);
  const std::size_t room = width > percent.size() ? width - percent.size() : 0;
  if (columns(label) + 3 + bar_width > room) return elide(elide(label, room) + percent, width);
  const auto filled = static_cast<std::size_t>(done * static_cast<float>(bar_width));
  return fmt::format("{} [{}{}]{}", label, std::string(filled, '#'),
                     std::string(bar_width - filled, ' '), percent);
}

LoadingBar::LoadingBar(Terminal& terminal, std::string name)
    : terminal_(terminal), name_(std::move(name)) {}

LoadingBar::~LoadingBar() {
  if (drawn_.empty()) return;
  terminal_.err << '\r' << std::string(columns(drawn_), ' ') << '\r' << std::flush;
}

void LoadingBar::show(float done) {
  if (!terminal_.err_is_tty) return;
  // The last column stays free: a character there makes some terminals wrap.
  const std::size_t width = terminal_.width == 0 ? 79 : terminal_.width - 1;
  std::string line = loading_line(name_, done, width);
  if (line == drawn_) return;
  terminal_.err << '\r' << line << std::flush;
  drawn_ = std::move(line);
}

}  // namespace shimmy::cli
