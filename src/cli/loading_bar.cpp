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
    : line_(terminal), name_(std::move(name)) {}

void LoadingBar::show(float done) { line_.show(loading_line(name_, done, line_.width())); }

}  // namespace shimmy::cli
